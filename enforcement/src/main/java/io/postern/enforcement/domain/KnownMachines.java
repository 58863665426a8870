package io.postern.enforcement.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The machines of a scope as its scans tell them. A list that lacks a machine once may be a stale
 * read, and lifting a lock-down on its word would open ports: a machine is believed gone when two
 * scans in a row lack it, and a rule set is believed to filter nobody only after two scans. Not
 * safe for use by several threads.
 */
public final class KnownMachines {
  private static final int SCANS_TO_BELIEVE = 2;

  private final Map<MachineId, MachineFacts> machines = new HashMap<>();
  private final Map<RuleSetId, List<MachineId>> members = new HashMap<>();
  private final Set<MachineId> missed = new HashSet<>();
  private int scans;

  /**
   * What a scan changed.
   *
   * @param changed new machines and machines with other facts than before
   * @param gone machines that are believed gone from now on
   */
  public record Changes(List<MachineFacts> changed, List<MachineFacts> gone) {
    public Changes {
      changed = List.copyOf(changed);
      gone = List.copyOf(gone);
    }
  }

  /** Takes in the result of a scan. */
  public Changes scanned(Collection<MachineFacts> found) {
    Map<MachineId, MachineFacts> before = Map.copyOf(machines);
    scans++;
    machines.clear();
    found.forEach(m -> machines.put(m.id(), m));
    keepWhatIsMissedForTheFirstTime(before);
    members.clear();
    for (MachineFacts m : machines.values()) {
      m.ruleSets().forEach(r -> members.computeIfAbsent(r, x -> new ArrayList<>()).add(m.id()));
    }
    return new Changes(
        found.stream().filter(m -> !m.equals(before.get(m.id()))).toList(),
        before.values().stream().filter(m -> !machines.containsKey(m.id())).toList());
  }

  private void keepWhatIsMissedForTheFirstTime(Map<MachineId, MachineFacts> before) {
    Set<MachineId> firstTime = new HashSet<>(before.keySet());
    firstTime.removeAll(machines.keySet());
    firstTime.removeAll(missed);
    firstTime.forEach(id -> machines.put(id, before.get(id)));
    missed.clear();
    missed.addAll(firstTime);
  }

  /** Whether there was a scan at all. */
  public boolean isScanned() {
    return scans > 0;
  }

  /** Whether another scan must confirm the last one. */
  public boolean wantsConfirmation() {
    return scans < SCANS_TO_BELIEVE || !missed.isEmpty();
  }

  /** Whether it is known whose traffic the rule set filters, be it nobody's. */
  public boolean knowsMembersOf(RuleSetId ruleSet) {
    return members.containsKey(ruleSet) || scans >= SCANS_TO_BELIEVE;
  }

  public Optional<MachineFacts> get(MachineId id) {
    return Optional.ofNullable(machines.get(id));
  }

  public List<MachineFacts> all() {
    return List.copyOf(machines.values());
  }

  public Set<MachineId> ids() {
    return Set.copyOf(machines.keySet());
  }

  public Set<RuleSetId> ruleSets() {
    return Set.copyOf(members.keySet());
  }

  /** Machines whose traffic the rule set filters. */
  public List<MachineFacts> membersOf(RuleSetId ruleSet) {
    return members.getOrDefault(ruleSet, List.of()).stream()
        .map(machines::get)
        .filter(Objects::nonNull)
        .toList();
  }
}
