package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** DescribeTags: every tag of every resource as a line of its own. */
final class TagQueries {
  private record Line(Resource resource, String key, String value) implements Resource {
    @Override
    public String id() {
      return resource.id() + "/" + key;
    }

    @Override
    public String owner() {
      return resource.owner();
    }

    @Override
    public Map<String, String> tags() {
      return Map.of(key, value);
    }
  }

  private static final Listing<Line> LISTING =
      new Listing<>(
          "tagSet",
          "",
          "InvalidID",
          new FilterSet<Line>()
              .add("key", (region, line) -> List.of(line.key()))
              .add("value", (region, line) -> List.of(line.value()))
              .add("resource-id", (region, line) -> List.of(line.resource().id()))
              .add("resource-type", (region, line) -> List.of(type(line.resource()))));

  private TagQueries() {}

  static void describe(Call call, Xml out) {
    LISTING.run(
        call,
        out,
        TagQueries::lines,
        (region, line) -> {
          out.text("resourceId", line.resource().id()).text("resourceType", type(line.resource()));
          out.text("key", line.key()).text("value", line.value());
        });
  }

  private static List<Line> lines(Region region) {
    List<Resource> resources = new ArrayList<>();
    resources.addAll(region.vpcs().values());
    resources.addAll(region.subnets().values());
    resources.addAll(region.instances().values());
    resources.addAll(region.interfaces().values());
    resources.addAll(region.groups().values());
    resources.addAll(region.prefixLists().values());
    region.groups().values().forEach(group -> resources.addAll(group.rules()));
    List<Line> lines = new ArrayList<>();
    for (Resource resource : resources) {
      resource.tags().forEach((key, value) -> lines.add(new Line(resource, key, value)));
    }
    return lines;
  }

  private static String type(Resource resource) {
    return switch (resource) {
      case Vpc vpc -> "vpc";
      case Subnet subnet -> "subnet";
      case Instance instance -> "instance";
      case NetworkInterface eni -> "network-interface";
      case SecurityGroup group -> "security-group";
      case PrefixList list -> "prefix-list";
      case Rule rule -> "security-group-rule";
      default -> throw new IllegalStateException("no tags on " + resource);
    };
  }
}
