package io.postern.enforcement.kafka;

import io.postern.enforcement.ScopeInputs;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What the log says of one scope. */
final class ScopeTable implements ScopeInputs {
  private final Supplier<Collection<Policy>> policies;
  private final Map<GrantId, Grant> grants = new HashMap<>();
  private final Set<GrantId> expired = new HashSet<>();
  private final Map<RuleSetId, RestorePoint> restorePoints = new HashMap<>();

  ScopeTable(Supplier<Collection<Policy>> policies) {
    this.policies = policies;
  }

  synchronized void put(Grant grant) {
    grants.put(
        grant.id(),
        expired.contains(grant.id()) && grant.endedFor().isEmpty()
            ? grant.ended(Grant.End.EXPIRED)
            : grant);
  }

  /** Removes a grant whose lease is a tombstone; its machine, if the grant was known. */
  synchronized Optional<MachineId> remove(GrantId id) {
    expired.remove(id);
    return Optional.ofNullable(grants.remove(id)).map(Grant::machine);
  }

  /**
   * The grant's time is officially up, whatever our clock says; may come before the lease itself.
   */
  synchronized void expire(GrantId id) {
    expired.add(id);
    Grant grant = grants.get(id);
    if (grant != null && grant.endedFor().isEmpty()) {
      grants.put(id, grant.ended(Grant.End.EXPIRED));
    }
  }

  synchronized void put(RuleSetId ruleSet, Optional<RestorePoint> restorePoint) {
    restorePoint.ifPresentOrElse(
        r -> restorePoints.put(ruleSet, r), () -> restorePoints.remove(ruleSet));
  }

  @Override
  public Collection<Policy> policies() {
    return policies.get();
  }

  @Override
  public synchronized List<Grant> grants() {
    return List.copyOf(grants.values());
  }

  @Override
  public synchronized List<Grant> grantsOf(MachineId machine) {
    return grants.values().stream().filter(g -> g.machine().equals(machine)).toList();
  }

  @Override
  public synchronized Optional<RestorePoint> restorePoint(RuleSetId ruleSet) {
    return Optional.ofNullable(restorePoints.get(ruleSet));
  }

  @Override
  public synchronized Set<RuleSetId> recordedRuleSets() {
    return Set.copyOf(restorePoints.keySet());
  }
}
