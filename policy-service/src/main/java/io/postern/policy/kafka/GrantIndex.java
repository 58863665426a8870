package io.postern.policy.kafka;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Grants by machine and then by their ids, and those that run also by whose they are: some machines
 * have many grants, and a request only ever touches those of its own requestor. For one thread.
 */
final class GrantIndex {
  // The order that the ids have when they are written, which UUIDs themselves have not.
  private static final Comparator<GrantId> AS_TEXT =
      (a, b) -> {
        int most =
            Long.compareUnsigned(
                a.value().getMostSignificantBits(), b.value().getMostSignificantBits());
        return most != 0
            ? most
            : Long.compareUnsigned(
                a.value().getLeastSignificantBits(), b.value().getLeastSignificantBits());
      };

  private record Holder(MachineId machine, Owner owner) {
    static Holder of(Grant grant) {
      return new Holder(grant.machine(), grant.owner());
    }
  }

  private final Map<MachineId, NavigableMap<GrantId, Grant>> all = new HashMap<>();
  private final Map<Holder, NavigableMap<GrantId, Grant>> running = new HashMap<>();

  /** Takes the place of what was there under its id, which is the same machine's and owner's. */
  void put(Grant grant) {
    put(all, grant.machine(), grant);
    if (grant.isRunning()) {
      put(running, Holder.of(grant), grant);
    } else {
      remove(running, Holder.of(grant), grant);
    }
  }

  void remove(Grant grant) {
    remove(all, grant.machine(), grant);
    remove(running, Holder.of(grant), grant);
  }

  Optional<Grant> get(MachineId machine, GrantId id) {
    return Optional.ofNullable(all.get(machine)).map(there -> there.get(id));
  }

  /** Those that have not ended, in the order of their ids as text. */
  List<Grant> running(MachineId machine, Owner owner) {
    NavigableMap<GrantId, Grant> theirs = running.get(new Holder(machine, owner));
    return theirs == null ? List.of() : List.copyOf(theirs.values());
  }

  /** Every grant; none may be put or removed before it returns. */
  void forEach(Consumer<Grant> consumer) {
    all.values().forEach(there -> there.values().forEach(consumer));
  }

  /** Of how many machines, and of how many persons on a machine, something is kept. */
  int size() {
    return all.size() + running.size();
  }

  private static <K> void put(Map<K, NavigableMap<GrantId, Grant>> index, K group, Grant grant) {
    index.computeIfAbsent(group, g -> new TreeMap<>(AS_TEXT)).put(grant.id(), grant);
  }

  private static <K> void remove(Map<K, NavigableMap<GrantId, Grant>> index, K group, Grant grant) {
    index.computeIfPresent(
        group,
        (g, there) -> {
          there.remove(grant.id());
          return there.isEmpty() ? null : there;
        });
  }
}
