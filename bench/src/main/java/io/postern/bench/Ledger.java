package io.postern.bench;

import io.postern.enforcement.Reporter;
import io.postern.enforcement.ScopeInputs;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the log would say of the scope, and what the enforcer told it. */
public final class Ledger implements ScopeInputs, Reporter {
  public final Map<RuleSetId, RestorePoint> recorded = new ConcurrentHashMap<>();
  public final Set<GrantId> opened = ConcurrentHashMap.newKeySet();
  public final Set<GrantId> closed = ConcurrentHashMap.newKeySet();
  public final Set<MachineId> locked = ConcurrentHashMap.newKeySet();
  public final Set<String> failures = ConcurrentHashMap.newKeySet();
  private final Map<MachineId, Map<GrantId, Grant>> grants = new ConcurrentHashMap<>();
  private final List<Policy> policies;

  public Ledger(Policy policy) {
    this.policies = List.of(policy);
  }

  public void put(Grant grant) {
    grants.computeIfAbsent(grant.machine(), m -> new ConcurrentHashMap<>()).put(grant.id(), grant);
  }

  public void record(Scope scope, RuleSetId ruleSet, Optional<RestorePoint> point) {
    point.ifPresentOrElse(p -> recorded.put(ruleSet, p), () -> recorded.remove(ruleSet));
  }

  @Override
  public Collection<Policy> policies() {
    return policies;
  }

  @Override
  public List<Grant> grants() {
    return grants.values().stream().flatMap(g -> g.values().stream()).toList();
  }

  @Override
  public List<Grant> grantsOf(MachineId machine) {
    return List.copyOf(grants.getOrDefault(machine, Map.of()).values());
  }

  @Override
  public Optional<RestorePoint> restorePoint(RuleSetId ruleSet) {
    return Optional.ofNullable(recorded.get(ruleSet));
  }

  @Override
  public Set<RuleSetId> recordedRuleSets() {
    return Set.copyOf(recorded.keySet());
  }

  @Override
  public void report(Scope scope, Report report) {
    switch (report) {
      case Report.Opened o -> opened.add(o.grant().id());
      case Report.Closed c -> closed.add(c.grant().id());
      case Report.Locked l -> locked.add(l.machine().id());
      case Report.Failed f -> {
        if (!f.willRetry()) {
          failures.add(f.grant() + ": " + f.message());
        }
      }
      case Report.Drifted d -> failures.add("drift: " + d.changes());
      case Report.Lifted l -> {}
      case Report.Planned p -> {}
    }
  }

  @Override
  public void assessed(MachineFacts machine, Posture posture, Instant at) {}

  @Override
  public void gone(MachineId machine) {}
}
