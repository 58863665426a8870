package io.postern.simulator.arm;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What must hold over all rules of a network security group together. */
final class NsgLimits {
  private NsgLimits() {}

  static void check(ResourceId nsg, Collection<Stored> rules) {
    if (rules.size() > NsgPatterns.MAX_RULES) {
      throw ArmException.badRequest(
          "SecurityRuleCountLimitReached",
          "Cannot create more than 1000 security rules in network security group %s."
              .formatted(nsg));
    }
    Map<String, Stored> taken = new HashMap<>();
    int[] values = new int[4];
    for (Stored rule : rules) {
      JsonNode p = rule.properties();
      String slot =
          p.path("direction").asString("").toLowerCase(Locale.ROOT) + p.path("priority").asInt(0);
      Stored other = taken.put(slot, rule);
      if (other != null) {
        throw ArmException.badRequest(
            "SecurityRuleConflict",
            "Security rule %s conflicts with rule %s. Rules cannot have the same Priority and Direction."
                .formatted(rule.id().name(), other.id().name()));
      }
      values[0] += Rule.count(p, "sourceAddressPrefix", "sourceAddressPrefixes");
      values[1] += Rule.count(p, "destinationAddressPrefix", "destinationAddressPrefixes");
      values[2] += Rule.count(p, "sourcePortRange", "sourcePortRanges");
      values[3] += Rule.count(p, "destinationPortRange", "destinationPortRanges");
    }
    for (int count : values) {
      if (count > NsgPatterns.MAX_VALUES) {
        throw ArmException.badRequest(
            "SecurityRuleAddressesOrPortsPerSecurityGroupLimitReached",
            "Network security group %s has %d addresses or ports on one side; at most 4000 are allowed."
                .formatted(nsg, count));
      }
    }
  }
}
