package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Rules: authorize, revoke, modify. Each call takes effect as a whole or not at all. */
final class RuleActions {
  private RuleActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("AuthorizeSecurityGroupIngress", (call, out) -> authorize(call, out, false));
    actions.put("AuthorizeSecurityGroupEgress", (call, out) -> authorize(call, out, true));
    actions.put("RevokeSecurityGroupIngress", (call, out) -> revoke(call, out, false));
    actions.put("RevokeSecurityGroupEgress", (call, out) -> revoke(call, out, true));
    actions.put("ModifySecurityGroupRules", RuleActions::modify);
  }

  private static void authorize(Call call, Xml out, boolean egress) {
    String id = call.in.text("GroupId", "");
    String name = egress ? "" : call.in.text("GroupName", "");
    List<Permissions.Given> given = Permissions.read(call.in);
    Map<String, String> tags = Tags.specified(call.in, "security-group-rule");
    if (given.isEmpty()) {
      throw Ec2Error.missing("ipPermissions");
    }
    Region region = call.write();
    SecurityGroup group = GroupActions.target(call, region, id, name);
    List<Rule> added = new ArrayList<>();
    Set<Permission> seen = new LinkedHashSet<>();
    for (Permissions.Given each : given) {
      Permission permission = each.in(call, region);
      checkPeer(call, region, group, permission.peer());
      if (!seen.add(permission)) {
        throw Ec2Error.invalid("The same permission must not appear multiple times");
      }
      if (group.find(egress, permission).isPresent()) {
        throw duplicate(permission);
      }
      added.add(
          new Rule(
              call.world.id("sgr"),
              group.id(),
              group.owner(),
              egress,
              permission,
              each.description(),
              new TreeMap<>(tags)));
    }
    SecurityGroup grown = group.plus(added);
    RuleQuota.check(call, region, grown);
    region.groups().put(group.id(), grown);
    out.text("return", true);
    out.list("securityGroupRuleSet", added, rule -> GroupXml.rule(call, out, region, rule));
  }

  private static Ec2Error duplicate(Permission permission) {
    return Ec2Error.of(
        "InvalidPermission.Duplicate", "the specified rule \"" + permission + "\" already exists");
  }

  private static void checkPeer(Call call, Region region, SecurityGroup group, Peer peer) {
    switch (peer.kind()) {
      case IPV4, IPV6 -> {}
      case PREFIX_LIST -> Finder.prefixList(call, region, peer.value());
      case GROUP -> {
        SecurityGroup other = Finder.group(call, region, peer.value());
        if (!other.vpcId().equals(group.vpcId())) {
          throw Ec2Error.of(
              "InvalidGroup.NotFound",
              "You have specified two resources that belong to different networks.");
        }
      }
    }
  }

  private static void revoke(Call call, Xml out, boolean egress) {
    String id = call.in.text("GroupId", "");
    String name = egress ? "" : call.in.text("GroupName", "");
    List<String> ruleIds = call.in.list("SecurityGroupRuleId");
    List<Permissions.Given> given = Permissions.read(call.in);
    if (ruleIds.isEmpty() == given.isEmpty()) {
      throw given.isEmpty()
          ? Ec2Error.missing("ipPermissions or securityGroupRuleIds")
          : Ec2Error.of(
              "InvalidParameterCombination",
              "The parameters ipPermissions and securityGroupRuleIds may not be used together");
    }
    Region region = call.write();
    SecurityGroup group = GroupActions.target(call, region, id, name);
    List<Rule> gone = new ArrayList<>();
    List<Rule> unknown = new ArrayList<>();
    for (String ruleId : ruleIds) {
      gone.add(ruleOf(group, egress, ruleId));
    }
    for (Permissions.Given each : given) {
      Permission permission = each.in(call, region);
      group
          .find(egress, permission)
          .ifPresentOrElse(
              gone::add,
              () ->
                  unknown.add(
                      new Rule("", group.id(), "", egress, permission, null, new TreeMap<>())));
    }
    if (!unknown.isEmpty() && !isInDefaultVpc(region, group)) {
      throw Ec2Error.of(
          "InvalidPermission.NotFound",
          "The specified rule does not exist in this security group: "
              + unknown.getFirst().permission());
    }
    region.groups().put(group.id(), group.minus(gone));
    out.text("return", true);
    GroupXml.permissions(out, region, "unknownIpPermissionSet", unknown);
    out.list("revokedSecurityGroupRuleSet", gone, rule -> GroupXml.revoked(out, rule));
  }

  private static boolean isInDefaultVpc(Region region, SecurityGroup group) {
    Vpc vpc = region.vpcs().get(group.vpcId());
    return vpc != null && vpc.isDefault();
  }

  private static Rule ruleOf(SecurityGroup group, boolean egress, String ruleId) {
    return group.rules().stream()
        .filter(rule -> rule.id().equals(ruleId) && rule.egress() == egress)
        .findFirst()
        .orElseThrow(
            () ->
                Ec2Error.of(
                    "InvalidSecurityGroupRuleId.NotFound",
                    "The security group rule ID '" + ruleId + "' does not exist"));
  }

  private static void modify(Call call, Xml out) {
    String id = call.in.required("GroupId");
    Map<String, RuleChange> changes = new HashMap<>();
    for (Parameters update : call.in.structures("SecurityGroupRule")) {
      changes.put(
          update.required("SecurityGroupRuleId"),
          RuleChange.read(update.structure("SecurityGroupRule")));
    }
    if (changes.isEmpty()) {
      throw Ec2Error.missing("SecurityGroupRule");
    }
    Region region = call.write();
    SecurityGroup group = Finder.ownGroup(call, region, id);
    List<Rule> rules = new ArrayList<>();
    for (Rule rule : group.rules()) {
      RuleChange change = changes.remove(rule.id());
      if (change == null) {
        rules.add(rule);
      } else {
        checkPeer(call, region, group, change.permission().peer());
        rules.add(rule.with(change.permission(), change.description()));
      }
    }
    if (!changes.isEmpty()) {
      throw Ec2Error.of(
          "InvalidSecurityGroupRuleId.NotFound",
          "The security group rule ID '" + changes.keySet().iterator().next() + "' does not exist");
    }
    checkDistinct(rules);
    SecurityGroup changed = group.withRules(rules);
    RuleQuota.check(call, region, changed);
    region.groups().put(id, changed);
    out.text("return", true);
  }

  private static void checkDistinct(List<Rule> rules) {
    Set<Object> seen = new LinkedHashSet<>();
    for (Rule rule : rules) {
      if (!seen.add(List.of(rule.egress(), rule.permission()))) {
        throw duplicate(rule.permission());
      }
    }
  }
}
