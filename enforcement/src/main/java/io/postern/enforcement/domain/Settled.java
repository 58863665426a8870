package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A rule set at the moment when it was last as it should be.
 *
 * @param intent what had to hold, with what was owed to it from then on
 * @param assessment what it did
 * @param rules its rules in words, by name
 */
public record Settled(RuleSetIntent intent, Assessment assessment, Map<String, String> rules) {
  public Settled {
    rules = Map.copyOf(rules);
  }

  /**
   * What must still hold of it: everything, less the grants that are over by now and gone, and with
   * those that are wanted since and stand already.
   *
   * @param present grants for which the rule set carries anything of ours
   */
  public RuleSetIntent expected(RuleSetIntent current, Set<GrantId> present) {
    Map<MachineId, List<Grant>> wanted = new HashMap<>();
    Set<GrantId> stays = new HashSet<>(present);
    for (MachineIntent m : current.machines()) {
      wanted.put(m.machine(), m.grants());
      m.grants().forEach(g -> stays.add(g.id()));
    }
    return intent.withGrants(
        m -> {
          Map<GrantId, Grant> expected = new TreeMap<>();
          wanted.getOrDefault(m.machine(), List.of()).stream()
              .filter(g -> present.contains(g.id()))
              .forEach(g -> expected.put(g.id(), g));
          m.grants().stream()
              .filter(g -> stays.contains(g.id()))
              .forEach(g -> expected.put(g.id(), g));
          return List.copyOf(expected.values());
        });
  }

  /** Whether grants of it are over by now and gone. */
  boolean isSwept(RuleSetIntent expected) {
    Set<GrantId> kept = new HashSet<>();
    expected.machines().forEach(m -> m.grants().forEach(g -> kept.add(g.id())));
    return intent.machines().stream()
        .anyMatch(m -> m.grants().stream().anyMatch(g -> !kept.contains(g.id())));
  }

  /** Machines under just-in-time access, or with a grant. */
  List<MachineId> machines() {
    return intent.machines().stream()
        .filter(m -> m.lock().isPresent() || !m.grants().isEmpty())
        .map(MachineIntent::facts)
        .map(MachineFacts::id)
        .toList();
  }
}
