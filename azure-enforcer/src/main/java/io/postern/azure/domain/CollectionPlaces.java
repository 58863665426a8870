package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Priorities for our collections among those of others, which never move: grants before lock-downs,
 * a lock-down behind or before what was there, as its policy says. What stands well stays.
 */
final class CollectionPlaces {
  static final int FIRST = 100;
  static final int LAST = 65_000;

  /** Lock-downs that override start here when nothing speaks against it; grants stay below. */
  private static final int OVERRIDE = 1_000;

  /** Lock-downs that leave the way to existing rules start here. */
  private static final int LOCK_DOWN = 10_000;

  private final FirewallView view;
  private final Set<Integer> given = new HashSet<>();
  private final List<FirewallStep> steps = new ArrayList<>();

  CollectionPlaces(FirewallView view) {
    this.view = view;
  }

  /** Collections that must be created or moved. */
  List<FirewallStep> steps() {
    return List.copyOf(steps);
  }

  /** Behind these rules; empty when there is no such place. */
  OptionalInt lockDown(List<FirewallView.Placed> exposing) {
    int last = exposing.stream().mapToInt(p -> p.collection().priority()).max().orElse(0);
    OptionalInt stands = view.priority(Kind.NETWORK, FirewallOwnership.DENY);
    if (stands.isPresent() && stands.getAsInt() > last) {
      return kept(stands.getAsInt());
    }
    OptionalInt usual = lowest(Kind.NETWORK, Math.max(LOCK_DOWN, last + 1), LAST);
    return placed(
        Kind.NETWORK,
        FirewallOwnership.DENY,
        Action.DENY,
        usual.isPresent() ? usual : highest(Math.max(FIRST + 1, last + 1), LOCK_DOWN - 1));
  }

  /** Before these rules; empty when there is no such place. */
  OptionalInt override(List<FirewallView.Placed> exposing) {
    int first = exposing.stream().mapToInt(p -> p.collection().priority()).min().orElse(LAST + 1);
    OptionalInt stands = view.priority(Kind.NETWORK, FirewallOwnership.DENY_OVERRIDE);
    if (stands.isPresent() && stands.getAsInt() < first) {
      return kept(stands.getAsInt());
    }
    OptionalInt usual = lowest(Kind.NETWORK, OVERRIDE, first - 1);
    return placed(
        Kind.NETWORK,
        FirewallOwnership.DENY_OVERRIDE,
        Action.DENY,
        usual.isPresent() ? usual : highest(FIRST + 1, Math.min(first, OVERRIDE) - 1));
  }

  /** As far in front as can be, before this priority; empty when there is no such place. */
  OptionalInt allow(int limit) {
    OptionalInt stands = view.priority(Kind.NETWORK, FirewallOwnership.ALLOW);
    if (stands.isPresent() && stands.getAsInt() < limit) {
      return kept(stands.getAsInt());
    }
    return placed(
        Kind.NETWORK,
        FirewallOwnership.ALLOW,
        Action.ALLOW,
        lowest(Kind.NETWORK, FIRST, limit - 1));
  }

  /** As far in front as can be: nobody else has our public ports. */
  OptionalInt dnat() {
    OptionalInt stands = view.priority(Kind.NAT, FirewallOwnership.DNAT);
    return stands.isPresent()
        ? stands
        : placed(Kind.NAT, FirewallOwnership.DNAT, Action.DNAT, lowest(Kind.NAT, FIRST, LAST));
  }

  private OptionalInt kept(int priority) {
    given.add(priority);
    return OptionalInt.of(priority);
  }

  private OptionalInt placed(Kind kind, String collection, Action action, OptionalInt priority) {
    if (priority.isPresent()) {
      if (kind == Kind.NETWORK) {
        given.add(priority.getAsInt());
      }
      steps.add(new FirewallStep.PlaceCollection(kind, collection, action, priority.getAsInt()));
    }
    return priority;
  }

  private OptionalInt lowest(Kind kind, int from, int to) {
    for (int p = from; p <= to; p++) {
      if (isFree(kind, p)) {
        return OptionalInt.of(p);
      }
    }
    return OptionalInt.empty();
  }

  private OptionalInt highest(int from, int to) {
    for (int p = to; p >= from; p--) {
      if (isFree(Kind.NETWORK, p)) {
        return OptionalInt.of(p);
      }
    }
    return OptionalInt.empty();
  }

  private boolean isFree(Kind kind, int priority) {
    return !view.isTaken(kind, priority) && (kind == Kind.NAT || !given.contains(priority));
  }
}
