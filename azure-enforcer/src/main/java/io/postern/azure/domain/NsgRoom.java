package io.postern.azure.domain;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.model.InvalidValueException;
import io.postern.model.PortRange;
import io.postern.model.RuleSetId;
import io.postern.model.Shortage;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many rules of grants a group has room for. Told is only what is certain: that a port has room
 * may turn out wrong for a source that somebody denies, that it has none may not.
 */
public final class NsgRoom {
  private NsgRoom() {}

  /** The group's shortage for a machine under lock-down, if there is one. */
  public static Optional<Shortage> of(
      RuleSetId group, MachineIntent machine, ObservedNsg observed, Marks marks) {
    List<Wanted> denies = Wanted.denies(machine, new Ownership(marks, group));
    if (!observed.exists() || denies.isEmpty()) {
      return Optional.empty();
    }
    String name = "network security group " + group.value().replaceAll(".*/", "");
    int values = Budget.MAX_VALUES - Budget.mostValues(observed.rules());
    int rules = Budget.MAX_RULES - observed.rules().size();
    if (Math.min(rules, values) <= Shortage.FEW) {
      return Shortage.of(
          Math.min(rules, values),
          "%s is near Azure's limits of %d rules and %d addresses or ports"
              .formatted(name, Budget.MAX_RULES, Budget.MAX_VALUES));
    }
    int places =
        denies.stream().mapToInt(d -> places(d.traffic(), observed.rules())).max().orElse(0);
    return Shortage.of(
        places,
        "%s has hardly a free priority from %d to %d that lies before every rule that denies"
            .formatted(name, Placement.FIRST, Placement.LOCK_DOWN - 1));
  }

  /** Free priorities for the port that has most. */
  private static int places(Traffic traffic, List<NsgRule> rules) {
    Set<Integer> taken = new HashSet<>();
    rules.stream().filter(NsgRule::inbound).forEach(r -> taken.add(r.priority()));
    int most = 0;
    for (PortRange port : traffic.ports()) {
      Traffic one = new Traffic(traffic.flow(), List.of(port), traffic.destinations(), List.of());
      int limit =
          rules.stream()
              .filter(r -> !r.allows() && deniesEverybodyAllOf(port, r) && one.surelyMeets(r))
              .mapToInt(NsgRule::priority)
              .min()
              .orElse(Placement.LOCK_DOWN);
      int free = 0;
      for (int p = Placement.FIRST; p < Math.min(limit, Placement.LOCK_DOWN); p++) {
        free += taken.contains(p) ? 0 : 1;
      }
      most = Math.max(most, free);
    }
    return most;
  }

  // Of a rule that denies a part of the range, or somebody only, the rest has its place behind it.
  private static boolean deniesEverybodyAllOf(PortRange port, NsgRule rule) {
    return rule.sources().stream().anyMatch(Traffic::isAny)
        && rule.destinationPorts().stream().anyMatch(p -> isWithin(port, p));
  }

  private static boolean isWithin(PortRange port, String text) {
    try {
      return Traffic.isAny(text) || PortRange.parse(text).contains(port);
    } catch (InvalidValueException e) {
      return false;
    }
  }
}
