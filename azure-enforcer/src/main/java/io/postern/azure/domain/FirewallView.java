package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A firewall's rules, those of ours and those of others told apart. */
final class FirewallView {
  /** A rule and where it is. */
  record Placed(FirewallCollection collection, FirewallRule rule) {
    FirewallStep.DeleteRule delete() {
      return new FirewallStep.DeleteRule(collection.kind(), collection.name(), rule.name());
    }

    String where() {
      return "rule %s of collection %s at priority %d"
          .formatted(rule.name(), collection.name(), collection.priority());
    }
  }

  private final ObservedFirewall observed;
  final List<Placed> foreign = new ArrayList<>();
  final List<Placed> ours = new ArrayList<>();
  private final Map<String, Placed> standing = new HashMap<>();

  FirewallView(ObservedFirewall observed, FirewallOwnership ownership) {
    this.observed = observed;
    for (FirewallCollection collection : observed.collections()) {
      for (FirewallRule rule : collection.rules()) {
        Placed placed = new Placed(collection, rule);
        if (ownership.isOurs(rule)) {
          ours.add(placed);
          standing.put(key(collection.kind(), collection.name(), rule.name()), placed);
        } else {
          foreign.add(placed);
        }
      }
    }
  }

  static String key(Kind kind, String collection, String rule) {
    return (kind + "/" + collection + "/" + rule).toLowerCase(Locale.ROOT);
  }

  /** Our rule of this name in our collection of this name. */
  Optional<FirewallRule> standing(Kind kind, String collection, String rule) {
    return placed(kind, collection, rule).map(Placed::rule);
  }

  /** The same, with the place where it stands. */
  Optional<Placed> placed(Kind kind, String collection, String rule) {
    return Optional.ofNullable(standing.get(key(kind, collection, rule)));
  }

  Optional<FirewallCollection> collection(Kind kind, String name) {
    return observed.collections().stream()
        .filter(c -> c.kind() == kind && c.name().equalsIgnoreCase(name))
        .findFirst();
  }

  /** Where our collection of this name stands; empty when it does not, or does something else. */
  OptionalInt priority(Kind kind, String name) {
    Action action =
        kind == Kind.NAT
            ? Action.DNAT
            : name.equals(FirewallOwnership.ALLOW) ? Action.ALLOW : Action.DENY;
    return collection(kind, name).stream()
        .filter(c -> c.action() == action)
        .mapToInt(FirewallCollection::priority)
        .findFirst();
  }

  boolean isTaken(Kind kind, int priority) {
    return observed.collections().stream()
        .anyMatch(c -> c.kind() == kind && c.priority() == priority);
  }

  /** Foreign network rules that allow, or deny, some of this traffic. */
  List<Placed> meeting(Traffic traffic, boolean allowing) {
    Action action = allowing ? Action.ALLOW : Action.DENY;
    return foreign.stream()
        .filter(p -> p.collection().kind() == Kind.NETWORK && p.collection().action() == action)
        .filter(p -> traffic.mayMeet(p.rule().asNsgRule(allowing)))
        .toList();
  }

  /** The network rule among these that certainly denies some of this traffic before a priority. */
  static Optional<Placed> denying(List<Placed> among, Traffic traffic, int before) {
    return among.stream()
        .filter(p -> p.collection().kind() == Kind.NETWORK)
        .filter(p -> p.collection().action() == Action.DENY && p.collection().priority() < before)
        .filter(p -> traffic.surelyMeets(p.rule().asNsgRule(false)))
        .findFirst();
  }
}
