package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A rule set that no longer is as we left it, by a foreign hand.
 *
 * @param machines machines concerned
 * @param changes what differs, a sentence each; the first {@value #MOST_CHANGES}
 * @param lost live grants that were open and no longer are
 * @param remedy what puts it right, in words; empty when it is left as it is
 */
public record Drift(
    List<MachineId> machines, List<String> changes, Set<GrantId> lost, List<String> remedy) {
  static final int MOST_CHANGES = 20;

  public Drift {
    machines = List.copyOf(machines);
    changes = List.copyOf(changes);
    lost = Set.copyOf(lost);
    remedy = List.copyOf(remedy);
  }

  /**
   * Live grants of the last good state that the rule set no longer lets pass; without those that a
   * sweeper may have taken away together with one that was over, which is no foreign hand.
   *
   * @param now what the rule set does as observed, under what must still hold of it
   */
  static Set<GrantId> lost(Settled last, RuleSetIntent current, Assessment now) {
    Set<GrantId> lost = new HashSet<>();
    current.machines().forEach(m -> m.grants().forEach(g -> lost.add(g.id())));
    lost.retainAll(last.assessment().satisfied());
    lost.removeAll(now.satisfied());
    last.assessment()
        .sweptFrom()
        .forEach(
            (grant, from) -> {
              if (!current.now().isBefore(from) && !now.present().contains(grant)) {
                lost.remove(grant);
              }
            });
    return lost;
  }

  /** Whether a lock-down that stood is gone, or goes around by a rule that was not there. */
  static boolean isExposed(Settled last, Assessment now) {
    return last.assessment().locked().entrySet().stream()
        .anyMatch(
            e -> {
              List<Assessment.Bypass> bypasses = now.locked().get(e.getKey());
              return bypasses == null || !e.getValue().containsAll(bypasses);
            });
  }

  /** Two states of a rule set compared, a sentence for each rule that differs. */
  static List<String> changes(Map<String, String> before, Map<String, String> after) {
    List<String> changes = new ArrayList<>();
    new TreeMap<>(before)
        .forEach(
            (name, was) -> {
              String is = after.get(name);
              if (is == null) {
                changes.add("Rule %s is gone; it said: %s.".formatted(name, was));
              } else if (!is.equals(was)) {
                changes.add("Rule %s was changed from: %s; to: %s.".formatted(name, was, is));
              }
            });
    new TreeMap<>(after)
        .forEach(
            (name, is) -> {
              if (!before.containsKey(name)) {
                changes.add("Rule %s is new: %s.".formatted(name, is));
              }
            });
    if (changes.size() <= MOST_CHANGES) {
      return changes;
    }
    List<String> first = new ArrayList<>(changes.subList(0, MOST_CHANGES - 1));
    first.add("And %d more.".formatted(changes.size() - first.size()));
    return first;
  }
}
