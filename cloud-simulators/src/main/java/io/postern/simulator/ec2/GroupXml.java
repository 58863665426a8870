package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How groups and rules look in answers. */
final class GroupXml {
  private record Ports(String protocol, int from, int to) {}

  private GroupXml() {}

  static void group(Call call, Xml out, Region region, SecurityGroup group) {
    out.text("ownerId", group.owner()).text("groupId", group.id()).text("groupName", group.name());
    out.text("groupDescription", group.description()).text("vpcId", group.vpcId());
    out.text(
        "securityGroupArn",
        "arn:aws:ec2:" + region.name() + ":" + group.owner() + ":security-group/" + group.id());
    permissions(
        out, region, "ipPermissions", group.rules().stream().filter(r -> !r.egress()).toList());
    permissions(
        out, region, "ipPermissionsEgress", group.rules().stream().filter(Rule::egress).toList());
    Tags.write(out, group.tags());
  }

  /** Rules with the same protocol and ports are shown as one permission, as EC2 does. */
  static void permissions(Xml out, Region region, String tag, List<Rule> rules) {
    Map<Ports, List<Rule>> byPorts = new LinkedHashMap<>();
    for (Rule rule : rules) {
      Permission p = rule.permission();
      byPorts
          .computeIfAbsent(new Ports(p.protocol(), p.from(), p.to()), k -> new ArrayList<>())
          .add(rule);
    }
    out.list(tag, byPorts.values(), same -> permission(out, region, same));
  }

  private static void permission(Xml out, Region region, List<Rule> rules) {
    Permission first = rules.getFirst().permission();
    out.text("ipProtocol", first.protocol());
    if (first.hasPorts()) {
      out.text("fromPort", first.from()).text("toPort", first.to());
    }
    out.list("groups", of(rules, Peer.Kind.GROUP), rule -> pair(out, region, rule));
    out.list("ipRanges", of(rules, Peer.Kind.IPV4), rule -> range(out, "cidrIp", rule));
    out.list("ipv6Ranges", of(rules, Peer.Kind.IPV6), rule -> range(out, "cidrIpv6", rule));
    out.list(
        "prefixListIds",
        of(rules, Peer.Kind.PREFIX_LIST),
        rule -> range(out, "prefixListId", rule));
  }

  private static List<Rule> of(List<Rule> rules, Peer.Kind kind) {
    return rules.stream().filter(rule -> rule.permission().peer().kind() == kind).toList();
  }

  private static void range(Xml out, String tag, Rule rule) {
    out.text(tag, rule.permission().peer().value()).text("description", rule.description());
  }

  private static void pair(Xml out, Region region, Rule rule) {
    String id = rule.permission().peer().value();
    out.text("userId", ownerOf(region, id)).text("groupId", id);
    out.text("description", rule.description());
  }

  private static String ownerOf(Region region, String groupId) {
    SecurityGroup group = region.groups().get(groupId);
    return group == null ? Principal.DEFAULT_ACCOUNT : group.owner();
  }

  static void rule(Call call, Xml out, Region region, Rule rule) {
    out.text("securityGroupRuleId", rule.id()).text("groupId", rule.groupId());
    out.text("groupOwnerId", rule.owner()).text("isEgress", rule.egress());
    ports(out, rule.permission());
    Peer peer = rule.permission().peer();
    switch (peer.kind()) {
      case IPV4 -> out.text("cidrIpv4", peer.value());
      case IPV6 -> out.text("cidrIpv6", peer.value());
      case PREFIX_LIST -> out.text("prefixListId", peer.value());
      case GROUP -> {
        out.open("referencedGroupInfo").text("groupId", peer.value());
        out.text("userId", ownerOf(region, peer.value())).close("referencedGroupInfo");
      }
    }
    out.text("description", rule.description());
    Tags.write(out, rule.tags());
    out.text(
        "securityGroupRuleArn",
        "arn:aws:ec2:" + region.name() + ":" + rule.owner() + ":security-group-rule/" + rule.id());
  }

  /** A rule in the answer of a revoke. */
  static void revoked(Xml out, Rule rule) {
    out.text("securityGroupRuleId", rule.id()).text("groupId", rule.groupId());
    out.text("isEgress", rule.egress());
    ports(out, rule.permission());
    Peer peer = rule.permission().peer();
    String tag =
        switch (peer.kind()) {
          case IPV4 -> "cidrIpv4";
          case IPV6 -> "cidrIpv6";
          case PREFIX_LIST -> "prefixListId";
          case GROUP -> "referencedGroupId";
        };
    out.text(tag, peer.value()).text("description", rule.description());
  }

  private static void ports(Xml out, Permission permission) {
    out.text("ipProtocol", permission.protocol());
    out.text("fromPort", permission.from()).text("toPort", permission.to());
  }
}
