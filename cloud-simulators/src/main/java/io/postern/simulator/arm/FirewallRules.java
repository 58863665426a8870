package io.postern.simulator.arm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Refuses a firewall that Azure refuses. */
final class FirewallRules {
  private static final List<String> COLLECTIONS =
      List.of("natRuleCollections", "networkRuleCollections", "applicationRuleCollections");

  private FirewallRules() {}

  static void check(ResourceId id, ObjectNode doc) {
    JsonNode p = doc.path("properties");
    boolean managed =
        Json.reference(p, "firewallPolicy") != null || Json.reference(p, "virtualHub") != null;
    for (String kind : COLLECTIONS) {
      if (managed && !p.path(kind).isEmpty()) {
        throw ArmException.badRequest(
            "AzureFirewallPolicyAndRuleCollectionsConflict",
            "Azure Firewall %s cannot have both a firewall policy and rule collections."
                .formatted(id));
      }
      collections(id, kind, p.path(kind));
    }
  }

  private static void collections(ResourceId id, String kind, JsonNode collections) {
    Set<Integer> priorities = new HashSet<>();
    for (JsonNode c : collections) {
      String name = c.path("name").asString("");
      int priority = c.path("properties").path("priority").asInt(0);
      if (priority < 100 || priority > 65_000) {
        throw ArmException.badRequest(
            "AzureFirewallRuleCollectionInvalidPriority",
            "Rule collection %s of %s has priority %d; allowed are 100-65000."
                .formatted(name, id, priority));
      }
      if (!priorities.add(priority)) {
        throw ArmException.badRequest(
            "AzureFirewallRuleCollectionsWithSamePriority",
            "Two collections in %s of %s have priority %d.".formatted(kind, id, priority));
      }
      if (c.path("properties").path("rules").isEmpty()) {
        throw ArmException.badRequest(
            "AzureFirewallRuleCollectionWithNoRules",
            "Rule collection %s of %s has no rules.".formatted(name, id));
      }
    }
  }
}
