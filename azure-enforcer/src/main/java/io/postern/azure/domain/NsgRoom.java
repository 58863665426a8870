package io.postern.azure.domain;

import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.model.InvalidValueException;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many rules of grants a group has room for once those that can share one do, and which rules
 * take further sources, unless addresses themselves are short. Told is only what is certain: that a
 * port has room may turn out wrong for a source that somebody denies, that it has none may not.
 */
public final class NsgRoom {
  private NsgRoom() {}

  /** The group's shortage for a machine under lock-down, if there is one. */
  public static Optional<Shortage> of(
      RuleSetId group, MachineIntent machine, ObservedNsg observed, Marks marks) {
    Ownership ownership = new Ownership(marks, group);
    List<Wanted> denies = Wanted.denies(machine, ownership);
    if (!observed.exists() || denies.isEmpty()) {
      return Optional.empty();
    }
    List<NsgRule> grants = new ArrayList<>();
    List<NsgRule> packed = packed(observed.rules(), ownership, grants);
    return of("network security group " + group.value().replaceAll(".*/", ""), denies, packed)
        .map(s -> valuesLeft(packed) <= Shortage.FEW ? s : s.with(shared(machine, grants)));
  }

  private static int valuesLeft(List<NsgRule> packed) {
    return Budget.MAX_VALUES - Budget.mostValues(packed);
  }

  private static Optional<Shortage> of(String name, List<Wanted> denies, List<NsgRule> packed) {
    int values = valuesLeft(packed);
    int rules = Budget.MAX_RULES - packed.size();
    if (Math.min(rules, values) <= Shortage.FEW) {
      return Shortage.of(
          Math.min(rules, values),
          "%s is near Azure's limits of %d rules and %d addresses or ports"
              .formatted(name, Budget.MAX_RULES, Budget.MAX_VALUES));
    }
    int places = denies.stream().mapToInt(d -> places(d.traffic(), packed)).max().orElse(0);
    return Shortage.of(
        places,
        "%s has hardly a free priority from %d to %d that lies before every rule that denies"
            .formatted(name, Placement.FIRST, Placement.LOCK_DOWN - 1));
  }

  /**
   * The rules when all grants of the same ports of the same machine share one.
   *
   * @param grants takes up the rules of grants among them
   */
  private static List<NsgRule> packed(
      List<NsgRule> rules, Ownership ownership, List<NsgRule> grants) {
    Map<String, NsgRule> byShape = new LinkedHashMap<>();
    List<NsgRule> packed = new ArrayList<>();
    for (NsgRule rule : rules) {
      if (rule.inbound() && rule.allows() && ownership.isOurs(rule)) {
        byShape.merge(rule.shape(), rule, NsgRoom::together);
      } else {
        packed.add(rule);
      }
    }
    grants.addAll(byShape.values());
    packed.addAll(grants);
    return packed;
  }

  private static NsgRule together(NsgRule one, NsgRule other) {
    Set<String> sources = new LinkedHashSet<>(one.sources());
    sources.addAll(other.sources());
    NsgRule first = one.priority() < other.priority() ? one : other;
    return first.from(List.copyOf(sources));
  }

  private static List<SharedRule> shared(MachineIntent machine, List<NsgRule> grants) {
    List<SharedRule> shared = new ArrayList<>();
    for (Flow flow : Flow.values()) {
      List<String> addresses =
          Wanted.addresses(machine, flow).stream().map(Wanted::destination).toList();
      grants.stream()
          .filter(r -> !addresses.isEmpty() && r.protocol().equalsIgnoreCase(flow.protocol))
          .filter(r -> NsgRule.sorted(r.destinations()).equals(NsgRule.sorted(addresses)))
          .map(r -> SharedRule.of(flow.ipv6, flow.model(), ports(r, flow)))
          .filter(r -> !r.ports().isEmpty())
          .distinct()
          .forEach(shared::add);
    }
    return shared;
  }

  private static List<PortSpec> ports(NsgRule rule, Flow flow) {
    try {
      return rule.destinationPorts().stream()
          .map(p -> new PortSpec(PortRange.parse(p), flow.model()))
          .toList();
    } catch (InvalidValueException e) {
      return List.of();
    }
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
