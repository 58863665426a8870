package io.postern.simulator.ec2;

/**
 * The quota of rules in a group: 60 for each direction and address family by default. A group
 * reference counts once in both families, a prefix list as its greatest number of entries.
 */
final class RuleQuota {
  private RuleQuota() {}

  static void check(Call call, Region region, SecurityGroup group) {
    int limit = call.world.settings.rulesPerSecurityGroup();
    for (boolean egress : new boolean[] {false, true}) {
      int v4 = 0;
      int v6 = 0;
      for (Rule rule : group.rules()) {
        if (rule.egress() == egress) {
          v4 += weight(region, rule.permission().peer(), false);
          v6 += weight(region, rule.permission().peer(), true);
        }
      }
      if (v4 > limit || v6 > limit) {
        throw Ec2Error.of(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.");
      }
    }
  }

  private static int weight(Region region, Peer peer, boolean v6) {
    return switch (peer.kind()) {
      case IPV4 -> v6 ? 0 : 1;
      case IPV6 -> v6 ? 1 : 0;
      case GROUP -> 1;
      case PREFIX_LIST -> {
        PrefixList list = region.prefixLists().get(peer.value());
        yield list != null && list.v6() == v6 ? list.maxEntries() : 0;
      }
    };
  }
}
