package io.postern.azure.domain;

import io.postern.model.Ids;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The public ports of a firewall: which are taken, and which a new NAT rule gets. The choice
 * depends on the rule's name only, so that planning twice chooses the same.
 */
final class MappedPorts {
  static final int FIRST = 30_000;
  static final int LAST = 49_999;
  private static final int COUNT = LAST - FIRST + 1;

  /** A public address of the firewall and a port of it. */
  record Place(String address, int port) {}

  private record Taken(int from, int to, String rule) {}

  private final List<String> addresses;
  private final Map<String, List<Taken>> taken = new HashMap<>();

  MappedPorts(List<String> addresses) {
    this.addresses = List.copyOf(addresses);
  }

  void take(FirewallRule rule) {
    for (String address : rule.destinations()) {
      for (String port : rule.ports()) {
        int dash = port.indexOf('-');
        try {
          int from = Integer.parseInt((dash < 0 ? port : port.substring(0, dash)).strip());
          int to = dash < 0 ? from : Integer.parseInt(port.substring(dash + 1).strip());
          taken
              .computeIfAbsent(address, a -> new ArrayList<>())
              .add(new Taken(from, to, rule.name()));
        } catch (NumberFormatException e) {
          // "*": no port of the address is left.
          taken
              .computeIfAbsent(address, a -> new ArrayList<>())
              .add(new Taken(0, 65_535, rule.name()));
        }
      }
    }
  }

  /** How many places there are for further rules. */
  int countFree() {
    int free = 0;
    for (String address : addresses) {
      BitSet held = new BitSet();
      for (Taken t : taken.getOrDefault(address, List.of())) {
        held.set(Math.max(FIRST, t.from()), Math.max(FIRST, Math.min(LAST, t.to()) + 1));
      }
      free += COUNT - held.cardinality();
    }
    return free;
  }

  /** The place of a standing rule; empty when it has none that could be connected to. */
  Optional<Place> placeOf(FirewallRule rule) {
    if (rule.destinations().size() != 1
        || rule.ports().size() != 1
        || !addresses.contains(rule.destinations().getFirst())) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Place(rule.destinations().getFirst(), Integer.parseInt(rule.ports().getFirst())));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The name of a rule that has the place; empty when it is free. */
  Optional<String> holder(Place place) {
    return taken.getOrDefault(place.address(), List.of()).stream()
        .filter(t -> t.from() <= place.port() && place.port() <= t.to())
        .map(Taken::rule)
        .findFirst();
  }

  /** A free place for a rule of this name; empty when no port of any address is left. */
  Optional<Place> free(String rule) {
    int start = Math.floorMod(Ids.derived("mapped-port", rule).hashCode(), COUNT);
    for (int i = 0; i < COUNT; i++) {
      for (int a = 0; a < addresses.size(); a++) {
        String address = addresses.get((start + a) % addresses.size());
        Place place = new Place(address, FIRST + (start + i) % COUNT);
        if (holder(place).isEmpty()) {
          return Optional.of(place);
        }
      }
    }
    return Optional.empty();
  }
}
