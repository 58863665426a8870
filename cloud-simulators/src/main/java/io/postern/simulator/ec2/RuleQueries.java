package io.postern.simulator.ec2;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** DescribeSecurityGroupRules. */
final class RuleQueries {
  private static final Listing<Rule> LISTING =
      new Listing<>(
          "securityGroupRuleSet",
          "SecurityGroupRuleId",
          "InvalidSecurityGroupRuleId.NotFound",
          new FilterSet<Rule>()
              .add("group-id", (region, rule) -> List.of(rule.groupId()))
              .add("security-group-rule-id", (region, rule) -> List.of(rule.id())));

  private RuleQueries() {}

  static void register(Map<String, Action> actions) {
    actions.put("DescribeSecurityGroupRules", RuleQueries::describe);
  }

  private static void describe(Call call, Xml out) {
    TreeSet<String> ids = new TreeSet<>(call.in.list("SecurityGroupRuleId"));
    Filters<Rule> wanted = LISTING.filters().parse(call.in);
    Listing.Page page = Listing.Page.of(call.in, !ids.isEmpty());
    Region region = call.read();
    // A filter by group is how rules are nearly always read; it need not look at all groups.
    List<String> groups = wanted.exact("group-id");
    Collection<SecurityGroup> read =
        groups.isEmpty()
            ? region.groups().values()
            : groups.stream()
                .distinct()
                .filter(region.groups()::containsKey)
                .map(region.groups()::get)
                .toList();
    LISTING.run(
        call,
        out,
        region,
        read.stream().filter(call::isThere).flatMap(group -> group.rules().stream()).toList(),
        ids,
        wanted::matches,
        page,
        (r, rule) -> GroupXml.rule(call, out, r, rule));
  }
}
