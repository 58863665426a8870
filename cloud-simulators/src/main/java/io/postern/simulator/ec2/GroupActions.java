package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Security groups: create, describe, delete. */
final class GroupActions {
  private static final Pattern NAME =
      Pattern.compile("[a-zA-Z0-9 ._\\-:/()#,@\\[\\]+=&;{}!$*]{1,255}");

  private static final Listing<SecurityGroup> LISTING =
      new Listing<>(
          "securityGroupInfo",
          "GroupId",
          "InvalidGroup.NotFound",
          new FilterSet<SecurityGroup>()
              .add("group-id", (region, group) -> List.of(group.id()))
              .add("group-name", (region, group) -> List.of(group.name()))
              .add("description", (region, group) -> List.of(group.description()))
              .add("vpc-id", (region, group) -> List.of(group.vpcId()))
              .add("ip-permission.cidr", (region, group) -> peers(group, false, Peer.Kind.IPV4))
              .add(
                  "ip-permission.ipv6-cidr", (region, group) -> peers(group, false, Peer.Kind.IPV6))
              .add(
                  "ip-permission.group-id", (region, group) -> peers(group, false, Peer.Kind.GROUP))
              .add(
                  "ip-permission.prefix-list-id",
                  (region, group) -> peers(group, false, Peer.Kind.PREFIX_LIST))
              .add("ip-permission.protocol", (region, group) -> protocols(group))
              .add(
                  "egress.ip-permission.group-id",
                  (region, group) -> peers(group, true, Peer.Kind.GROUP)));

  private GroupActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("DescribeSecurityGroups", GroupActions::describe);
    actions.put("CreateSecurityGroup", GroupActions::create);
    actions.put("DeleteSecurityGroup", GroupActions::delete);
  }

  private static List<String> peers(SecurityGroup group, boolean egress, Peer.Kind kind) {
    return group.rules().stream()
        .filter(rule -> rule.egress() == egress && rule.permission().peer().kind() == kind)
        .map(rule -> rule.permission().peer().value())
        .toList();
  }

  private static List<String> protocols(SecurityGroup group) {
    return group.rules().stream()
        .filter(rule -> !rule.egress())
        .map(rule -> rule.permission().protocol())
        .toList();
  }

  private static void describe(Call call, Xml out) {
    List<String> names = call.in.list("GroupName");
    LISTING.run(
        call,
        out,
        region ->
            names.isEmpty()
                ? region.groups().values()
                : names.stream().map(name -> named(call, region, name)).toList(),
        (region, group) -> GroupXml.group(call, out, region, group));
  }

  /** Finds a group of the default VPC by name, the only ones that names can refer to. */
  static SecurityGroup named(Call call, Region region, String name) {
    return region
        .groupNamed(Finder.defaultVpc(call, region).id(), name)
        .orElseThrow(
            () ->
                Ec2Error.of(
                    "InvalidGroup.NotFound", "The security group '" + name + "' does not exist"));
  }

  /** The group that a call names by GroupId or, in the default VPC, by GroupName. */
  static SecurityGroup target(Call call, Region region, String id, String name) {
    if (!id.isEmpty()) {
      return Finder.ownGroup(call, region, id);
    }
    if (name.isEmpty()) {
      throw Ec2Error.missing("GroupId");
    }
    return Finder.ownGroup(call, region, named(call, region, name).id());
  }

  private static void create(Call call, Xml out) {
    String name = call.in.required("GroupName");
    String description = call.in.required("GroupDescription");
    String vpcId = call.in.text("VpcId", "");
    Map<String, String> tags = Tags.specified(call.in, "security-group");
    checkNames(name, description);
    Region region = call.write();
    Vpc vpc = vpcId.isEmpty() ? Finder.defaultVpc(call, region) : Finder.vpc(call, region, vpcId);
    if (region.groupNamed(vpc.id(), name).isPresent()) {
      throw Ec2Error.of(
          "InvalidGroup.Duplicate",
          "The security group '" + name + "' already exists for VPC '" + vpc.id() + "'");
    }
    SecurityGroup group = open(call.world, vpc, call.account(), name, description, tags, call.now);
    region.groups().put(group.id(), group);
    out.text("return", true).text("groupId", group.id());
    Tags.write(out, tags);
    out.text("securityGroupArn", call.arn("security-group", group.id()));
  }

  private static void checkNames(String name, String description) {
    if (!NAME.matcher(name).matches()) {
      throw Ec2Error.invalid("Invalid security group name: " + name);
    }
    if (!NAME.matcher(description).matches()) {
      throw Ec2Error.invalid("Invalid security group description: " + description);
    }
    if (name.toLowerCase(Locale.ROOT).startsWith("sg-")) {
      throw Ec2Error.invalid("Group names may not be in the format sg-*.");
    }
    if (name.equalsIgnoreCase("default")) {
      throw Ec2Error.of("InvalidGroup.Reserved", "The security group 'default' is reserved");
    }
  }

  /** A group as it is born: no way in, every way out, with IPv6 too where the VPC has it. */
  static SecurityGroup open(
      World world,
      Vpc vpc,
      String owner,
      String name,
      String description,
      Map<String, String> tags,
      Instant now) {
    String id = world.id("sg");
    List<Rule> egress = new ArrayList<>();
    egress.add(everywhere(world, id, owner, new Peer(Peer.Kind.IPV4, "0.0.0.0/0")));
    if (vpc.ipv6() != null) {
      egress.add(everywhere(world, id, owner, new Peer(Peer.Kind.IPV6, "::/0")));
    }
    return new SecurityGroup(
        id, owner, vpc.id(), name, description, List.copyOf(egress), now, tags);
  }

  private static Rule everywhere(World world, String group, String owner, Peer peer) {
    Permission permission = Permission.of("-1", null, null, peer);
    return new Rule(world.id("sgr"), group, owner, true, permission, null, Map.of());
  }

  private static void delete(Call call, Xml out) {
    String id = call.in.text("GroupId", "");
    String name = call.in.text("GroupName", "");
    Region region = call.write();
    SecurityGroup group = target(call, region, id, name);
    if (group.name().equals("default")) {
      throw Ec2Error.of(
          "CannotDelete",
          "the specified group: \""
              + group.id()
              + "\" name: \"default\" cannot be deleted by a user");
    }
    if (isInUse(call, region, group.id())) {
      throw Ec2Error.of(
          "DependencyViolation", "resource " + group.id() + " has a dependent object");
    }
    region.groups().remove(group.id());
    region.detachedAt().remove(group.id());
    region.shares().removeIf(share -> share.resource().equals(group.id()));
    out.text("return", true).text("groupId", group.id());
  }

  private static boolean isInUse(Call call, Region region, String id) {
    Instant detachedAt = region.detachedAt().get(id);
    return region.interfaces().values().stream().anyMatch(eni -> eni.groups().contains(id))
        || region.groups().values().stream()
            .anyMatch(other -> !other.id().equals(id) && other.refersTo(id))
        || (detachedAt != null
            && detachedAt.plus(call.world.settings.detachLinger()).isAfter(call.now));
  }
}
