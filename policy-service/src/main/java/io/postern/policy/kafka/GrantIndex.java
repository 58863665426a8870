package io.postern.policy.kafka;

import io.postern.model.MachineId;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Grants by machine and then by their keys, and those that run also by whose they are: some
 * machines have many grants, and a request only ever touches those of its own requestor. For one
 * thread.
 */
final class GrantIndex {
  private record Holder(MachineId machine, Owner owner) {
    static Holder of(Grant grant) {
      return new Holder(grant.machine(), grant.owner());
    }
  }

  private final Map<MachineId, NavigableMap<String, Grant>> all = new HashMap<>();
  private final Map<Holder, NavigableMap<String, Grant>> running = new HashMap<>();

  /** Takes the place of what was there under the key, which is the same machine's and owner's. */
  void put(String key, Grant grant) {
    put(all, grant.machine(), key, grant);
    if (grant.isRunning()) {
      put(running, Holder.of(grant), key, grant);
    } else {
      remove(running, Holder.of(grant), key);
    }
  }

  void remove(String key, Grant grant) {
    remove(all, grant.machine(), key);
    remove(running, Holder.of(grant), key);
  }

  Optional<Grant> get(MachineId machine, String key) {
    return Optional.ofNullable(all.get(machine)).map(there -> there.get(key));
  }

  /** Those that have not ended, in the order of their keys. */
  List<Grant> running(MachineId machine, Owner owner) {
    NavigableMap<String, Grant> theirs = running.get(new Holder(machine, owner));
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

  private static <K> void put(
      Map<K, NavigableMap<String, Grant>> index, K group, String key, Grant grant) {
    index.computeIfAbsent(group, g -> new TreeMap<>()).put(key, grant);
  }

  private static <K> void remove(Map<K, NavigableMap<String, Grant>> index, K group, String key) {
    index.computeIfPresent(
        group,
        (g, there) -> {
          there.remove(key);
          return there.isEmpty() ? null : there;
        });
  }
}
