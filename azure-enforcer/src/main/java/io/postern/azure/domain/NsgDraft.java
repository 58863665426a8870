package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A group as it comes to be while a plan is made: who stands where, and what is to be written. */
final class NsgDraft {
  final List<NsgRule> foreign = new ArrayList<>();
  final Placement placement = new Placement();
  final Budget budget = new Budget();

  private final Packed packed;
  private final Ownership ownership;
  private final Map<String, NsgRule> standing = new HashMap<>();
  private final Map<MachineId, List<NsgRule>> lockDowns = new HashMap<>();
  private final List<NsgStep> deletes = new ArrayList<>();
  private final List<NsgStep> puts = new ArrayList<>();
  private final Map<GrantId, Plan.Refusal> refusedGrants = new HashMap<>();
  private final Map<MachineId, Plan.Refusal> refusedLocks = new HashMap<>();
  private boolean somethingStays;
  private int withoutRoom;

  NsgDraft(Packed packed, Ownership ownership) {
    this.packed = packed;
    this.ownership = ownership;
  }

  /**
   * Who is foreign, who stands and is still wanted, and who goes.
   *
   * @param wanted keys of rules that may be wanted as they are or otherwise
   * @param kept keys of rules that stay as they are
   */
  void sortOut(Set<String> wanted, Set<String> kept) {
    for (NsgRule rule : packed.group().rules()) {
      if (wanted.contains(rule.key())) {
        standing.put(rule.key(), rule);
      } else if (kept.contains(rule.key())) {
        somethingStays = true;
      } else if (ownership.isOurs(rule)) {
        deletes.add(new NsgStep.DeleteRule(rule.name()));
        continue;
      } else {
        foreign.add(rule);
      }
      placement.take(rule);
      budget.add(rule);
    }
  }

  @Nullable NsgRule standing(String name) {
    return standing.get(NsgRule.key(name));
  }

  /** The lock-downs of a machine, as far as they are placed. */
  List<NsgRule> lockDowns(MachineId machine) {
    return lockDowns.getOrDefault(machine, List.of());
  }

  /** What stands is kept, whatever else is refused. */
  void keepStanding() {
    somethingStays |= !standing.isEmpty();
  }

  void settled() {
    somethingStays = true;
  }

  void settledLock(MachineId machine, NsgRule rule) {
    settled();
    lockDowns.computeIfAbsent(machine, m -> new ArrayList<>()).add(rule);
  }

  /** Whether a rule fits into Azure's limits in place of the one that stands, if one does. */
  boolean fits(NsgRule rule, @Nullable NsgRule stands) {
    swap(stands, rule);
    boolean fits = !budget.isExceeded();
    swap(rule, stands);
    return fits;
  }

  private void swap(@Nullable NsgRule out, @Nullable NsgRule in) {
    if (out != null) {
      budget.remove(out);
    }
    if (in != null) {
      budget.add(in);
    }
  }

  /**
   * Writes a rule that fits.
   *
   * @param less what only takes away, where it takes something away
   */
  void put(NsgRule rule, Optional<NsgStep> less) {
    NsgRule stands = standing.get(rule.key());
    swap(stands, rule);
    if (stands != null && stands.inbound()) {
      placement.free(stands.priority(), stands.name());
    }
    placement.take(rule);
    puts.add(new NsgStep.PutRule(rule, packed.replacedBy(rule), less));
    somethingStays = true;
  }

  /** The rules as they would be. */
  Packed packed() {
    return packed;
  }

  void drop(@Nullable NsgRule stands) {
    if (stands != null) {
      standing.remove(stands.key());
      packed.replacedBy(stands).forEach(name -> deletes.add(new NsgStep.DeleteRule(name)));
      packed.really(stands).ifPresent(r -> deletes.add(new NsgStep.DeleteRule(r.name())));
    }
  }

  void refuse(Grant grant, ErrorCode code, String message) {
    refusedGrants.put(grant.id(), new Plan.Refusal(code, message));
  }

  void refuse(MachineId machine, ErrorCode code, String message) {
    refusedLocks.put(machine, new Plan.Refusal(code, message));
  }

  /** Refuses what would be there if there were room. */
  void noRoom(Grant grant, String message) {
    withoutRoom++;
    refuse(grant, ErrorCode.CONFLICT, message);
  }

  void noRoom(MachineId machine, String message) {
    withoutRoom++;
    refuse(machine, ErrorCode.CONFLICT, message);
  }

  /** How much was refused because there is no room. */
  int withoutRoom() {
    return withoutRoom;
  }

  Plan<NsgStep> result() {
    List<NsgStep> steps = new ArrayList<>(deletes);
    puts.stream().filter(s -> !s.opens()).forEach(steps::add);
    puts.stream().filter(NsgStep::opens).forEach(steps::add);
    Optional<RestorePoint> after =
        somethingStays ? Optional.of(RestorePoint.NOTHING) : Optional.empty();
    return new Plan<>(
        steps.isEmpty() ? after : Optional.of(RestorePoint.NOTHING),
        steps,
        after,
        refusedGrants,
        refusedLocks);
  }
}
