package io.postern.simulator.ec2;

import java.util.List;
import java.util.Map;

/** The one image of every region. */
final class Images {
  static final String ONLY = "ami-0a1b2c3d4e5f60718";

  private record Image(String id, String owner, String name, Map<String, String> tags)
      implements Resource {}

  private static final Image IMAGE =
      new Image(ONLY, "137112412989", "al2023-ami-simulated", Map.of());

  private static final Listing<Image> LISTING =
      new Listing<>(
          "imagesSet",
          "ImageId",
          "InvalidAMIID.NotFound",
          new FilterSet<Image>()
              .add("image-id", (region, image) -> List.of(image.id()))
              .add("name", (region, image) -> List.of(image.name()))
              .add("architecture", (region, image) -> List.of("x86_64"))
              .add("virtualization-type", (region, image) -> List.of("hvm"))
              .add("root-device-type", (region, image) -> List.of("ebs"))
              .add("owner-alias", (region, image) -> List.of("amazon"))
              .add("state", (region, image) -> List.of("available")));

  private Images() {}

  static void describe(Call call, Xml out) {
    List<String> owners = call.in.list("Owner");
    boolean shown = owners.isEmpty() || owners.contains("amazon") || owners.contains(IMAGE.owner());
    LISTING.run(
        call,
        out,
        region ->
            shown ? List.of(new Image(ONLY, call.account(), IMAGE.name(), Map.of())) : List.of(),
        (region, image) -> {
          out.text("imageId", image.id()).text("imageState", "available");
          out.text("imageOwnerId", IMAGE.owner()).text("imageOwnerAlias", "amazon");
          out.text("name", image.name()).text("architecture", "x86_64");
          out.text("isPublic", true).text("imageType", "machine");
          out.text("creationDate", "2026-01-01T00:00:00.000Z");
          out.text("rootDeviceType", "ebs").text("rootDeviceName", "/dev/xvda");
          out.text("virtualizationType", "hvm").text("hypervisor", "xen");
        });
  }
}
