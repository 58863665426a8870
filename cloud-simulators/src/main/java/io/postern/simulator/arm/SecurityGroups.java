package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How network security groups judge a packet on its way in. */
final class SecurityGroups {
  private final World world;

  SecurityGroups(World world) {
    this.world = world;
  }

  /**
   * The subnet's group first, then the interface's; both must allow.
   *
   * @param guarded whether a packet that meets no group at all is refused, as behind a public
   *     address of the Standard SKU
   */
  Verdict judge(
      Packet packet, @Nullable String subnetGroup, @Nullable String nicGroup, boolean guarded) {
    Set<String> path = new TreeSet<>();
    String last = null;
    for (String group : new @Nullable String[] {subnetGroup, nicGroup}) {
      Stored stored = group == null ? null : world.get(group);
      if (stored == null || stored.inEffect() == null) {
        continue;
      }
      path.add(stored.id().key());
      Rule rule = firstMatch(stored.id(), packet);
      last = stored.id().name() + "/" + rule.name();
      if (!rule.allows()) {
        return new Verdict(false, last, path);
      }
    }
    if (last != null) {
      return new Verdict(true, last, path);
    }
    return guarded
        ? Verdict.no(
            "no network security group, and a Standard public IP address is closed without one")
        : new Verdict(true, "no network security group", path);
  }

  private Rule firstMatch(ResourceId group, Packet packet) {
    List<Rule> rules = new ArrayList<>();
    for (Stored s : world.members(group.children("securityRules"))) {
      if (s.inEffect() != null) {
        JsonNode properties = s.inEffect().path("properties");
        rules.add(new Rule(s.id().name(), properties));
      }
    }
    rules.sort(Comparator.comparingInt(Rule::priority));
    rules.addAll(DefaultRules.ALL);
    for (Rule rule : rules) {
      if (rule.isInbound() && rule.matches(packet)) {
        return rule;
      }
    }
    throw new IllegalStateException("DenyAllInBound matches every packet");
  }
}
