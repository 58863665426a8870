package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** RunInstances: instances that run at once; the same client token answers the same instances. */
final class RunInstances {
  /** One interface as asked for: a new one, or an existing one by id. */
  private record Wanted(
      int index, @Nullable String existing, boolean deleteOnTermination, InterfacePlan plan) {}

  private RunInstances() {}

  static void run(Call call, Xml out) {
    String image = call.in.required("ImageId");
    int min = call.in.number("MinCount", 1);
    int max = call.in.number("MaxCount", 1);
    String type = call.in.text("InstanceType", "m1.small");
    String token = call.in.text("ClientToken");
    call.in.text("KeyName");
    List<Wanted> wanted = interfaces(call.in);
    Map<String, String> tags = Tags.specified(call.in, "instance", "network-interface", "volume");
    Region region = call.write();
    checkCounts(min, max, wanted, image);
    List<Instance> same = sameToken(call, region, token);
    List<Instance> instances =
        same.isEmpty() ? launch(call, region, max, image, type, token, wanted, tags) : same;
    out.text("reservationId", instances.getFirst().reservationId()).text("ownerId", call.account());
    out.list(
        "instancesSet",
        instances,
        each -> InstanceXml.instance(out, region, each, Instance.State.PENDING));
  }

  private static void checkCounts(int min, int max, List<Wanted> wanted, String image) {
    if (min < 1 || max < min) {
      throw Ec2Error.invalid("Invalid counts: " + min + " to " + max);
    }
    if (!image.equals(Images.ONLY)) {
      throw Ec2Error.of("InvalidAMIID.NotFound", "The image id '[" + image + "]' does not exist");
    }
    if (max > 1
        && wanted.stream().anyMatch(w -> w.existing != null || w.plan.privateIp() != null)) {
      throw Ec2Error.of(
          "InvalidParameterCombination",
          "An address or interface can be given for one instance only");
    }
  }

  private static List<Instance> sameToken(Call call, Region region, @Nullable String token) {
    return token == null
        ? List.of()
        : region.instances().values().stream()
            .filter(i -> Objects.equals(i.clientToken(), token) && i.owner().equals(call.account()))
            .toList();
  }

  private static List<Wanted> interfaces(Parameters in) {
    List<Wanted> wanted = new ArrayList<>();
    for (Parameters p : in.structures("NetworkInterface")) {
      String existing = p.text("NetworkInterfaceId");
      wanted.add(
          new Wanted(
              p.number("DeviceIndex", 0),
              existing,
              p.flag("DeleteOnTermination", existing == null),
              plan(p, p.flag("AssociatePublicIpAddress", false))));
    }
    if (wanted.isEmpty()) {
      wanted.add(new Wanted(0, null, true, plan(in, false)));
    }
    return wanted;
  }

  private static InterfacePlan plan(Parameters in, boolean publicIp) {
    return new InterfacePlan(
        in.text("SubnetId", ""),
        in.list("SecurityGroupId"),
        in.text("PrivateIpAddress"),
        in.structures("Ipv6Addresses").stream().map(p -> p.required("Ipv6Address")).toList(),
        publicIp,
        in.text("Description", ""));
  }

  private static List<Instance> launch(
      Call call,
      Region region,
      int count,
      String image,
      String type,
      @Nullable String token,
      List<Wanted> wanted,
      Map<String, String> tags) {
    // Made in a copy, so that what fails half-way leaves nothing behind.
    Region draft = region.copy();
    List<Instance> instances = new ArrayList<>();
    String reservation = call.world.id("r");
    for (int i = 0; i < count; i++) {
      String id = call.world.id("i");
      for (Wanted each : wanted) {
        NetworkInterface eni = attached(call, draft, id, each);
        draft.interfaces().put(eni.id(), eni);
      }
      NetworkInterface primary = draft.interfacesOf(id).getFirst();
      instances.add(
          new Instance(
              id,
              call.account(),
              reservation,
              Instance.State.RUNNING,
              image,
              type,
              primary.vpcId(),
              primary.subnetId(),
              call.now,
              null,
              token,
              i,
              tags));
    }
    draft.interfaces().forEach(region.interfaces()::put);
    instances.forEach(instance -> region.instances().put(instance.id(), instance));
    return instances;
  }

  private static NetworkInterface attached(Call call, Region region, String id, Wanted wanted) {
    NetworkInterface.Attachment attachment =
        new NetworkInterface.Attachment(
            call.world.id("eni-attach"), id, wanted.index, wanted.deleteOnTermination, call.now);
    if (wanted.existing == null) {
      return planIn(call, region, wanted.plan).build(call, region, attachment, Map.of());
    }
    NetworkInterface eni = Finder.networkInterface(call, region, wanted.existing);
    if (eni.attachment() != null) {
      throw Ec2Error.of("InvalidNetworkInterface.InUse", "Interface: [" + eni.id() + "] in use.");
    }
    return eni.withAttachment(attachment);
  }

  private static InterfacePlan planIn(Call call, Region region, InterfacePlan plan) {
    if (!plan.subnetId().isEmpty()) {
      return plan;
    }
    Vpc vpc = Finder.defaultVpc(call, region);
    String subnet =
        region.subnets().values().stream()
            .filter(s -> s.vpcId().equals(vpc.id()))
            .map(Subnet::id)
            .findFirst()
            .orElseThrow(() -> Ec2Error.of("MissingInput", "No subnets found for the default VPC"));
    return new InterfacePlan(
        subnet, plan.groups(), plan.privateIp(), plan.ipv6(), plan.publicIp(), plan.description());
  }
}
