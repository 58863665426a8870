package io.postern.azure.domain;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.PortRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rule that grants of the same ports of the same machine share when rules run short: with the
 * sources of all of them, and with the end of the one that ends first.
 */
final class Pack {
  private Pack() {}

  /** Grants that can share a rule. */
  record Key(MachineId machine, Flow flow, List<PortRange> ports) {
    Key {
      ports = List.copyOf(ports);
    }

    static Key of(Wanted wanted) {
      Traffic traffic = wanted.traffic();
      return new Key(wanted.machine().machine(), traffic.flow(), traffic.ports());
    }
  }

  /** Rules of grants, those together that can share one; in the order in which they come. */
  static Map<Key, List<Wanted>> byKey(List<Wanted> allows) {
    Map<Key, List<Wanted>> byKey = new LinkedHashMap<>();
    allows.forEach(w -> byKey.computeIfAbsent(Key.of(w), k -> new ArrayList<>()).add(w));
    return byKey;
  }

  /** The rule that these share, without its place. */
  static NsgRule rule(List<Wanted> members, Ownership ownership) {
    Key key = Key.of(members.getFirst());
    NsgRule bare = members.getFirst().rule().named(ownership.packName(key)).from(sources(members));
    return bare.described(ownership.packDescription(bare, key, firstEnd(members)));
  }

  private static List<String> sources(List<Wanted> members) {
    return Wanted.widest(members.stream().flatMap(w -> w.traffic().sources().stream()).toList())
        .stream()
        .map(Cidr::toString)
        .toList();
  }

  private static Instant firstEnd(List<Wanted> members) {
    return members.stream()
        .map(w -> w.grant().orElseThrow().expiresAt())
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Whether networks that a rule names hold all sources of the grant. */
  static boolean holds(List<Cidr> named, Wanted member) {
    return member.traffic().sources().stream()
        .allMatch(s -> named.stream().anyMatch(n -> n.contains(s)));
  }

  /** Whether networks that a rule names hold, or lie in, any source of the grant. */
  static boolean touches(List<Cidr> named, Wanted member) {
    return member.traffic().sources().stream()
        .anyMatch(s -> named.stream().anyMatch(n -> n.overlaps(s)));
  }

  /** Whether the rule lets in nobody but sources of these grants. */
  static boolean isWithin(NsgRule rule, List<Wanted> members) {
    List<Cidr> wanted = members.stream().flatMap(w -> w.traffic().sources().stream()).toList();
    List<Cidr> named = networks(rule);
    return named.size() == rule.sources().size()
        && rule.sourceGroups().isEmpty()
        && named.stream().allMatch(n -> wanted.stream().anyMatch(w -> w.contains(n)));
  }

  /**
   * What takes away from a rule that stands what no grant of these wants of it, and adds nothing;
   * empty when there is nothing to take away.
   */
  static Optional<NsgStep> less(NsgRule stands, List<Wanted> members, Ownership ownership) {
    if (isWithin(stands, members)) {
      return Optional.empty();
    }
    List<Cidr> named = networks(stands);
    List<Wanted> held = members.stream().filter(w -> holds(named, w)).toList();
    return Optional.of(
        held.isEmpty()
            ? new NsgStep.DeleteRule(stands.name())
            : new NsgStep.PutRule(rule(held, ownership).at(stands.priority())));
  }

  /** The networks that a rule names as its sources; tags left out. */
  static List<Cidr> networks(NsgRule rule) {
    return rule.sources().stream().flatMap(s -> network(s).stream()).toList();
  }

  private static Optional<Cidr> network(String text) {
    try {
      return Optional.of(Cidr.parse(text));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }
}
