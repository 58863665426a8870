package io.postern.enforcement;

import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.MachineLedger;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.enforcement.domain.Settlement;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Tells the log what became of a scope's machines, each thing once. For one thread. */
final class Teller {
  private final Scope scope;
  private final Predicate<RuleSetId> carriesGrants;
  private final Function<MachineId, List<Report.RuleSetBypass>> unfiltered;
  private final Bounds bounds;
  private final Reporter reporter;
  private final Map<MachineId, MachineLedger> ledgers = new HashMap<>();

  Teller(
      Scope scope,
      Predicate<RuleSetId> carriesGrants,
      Function<MachineId, List<Report.RuleSetBypass>> unfiltered,
      Bounds bounds,
      Reporter reporter) {
    this.scope = scope;
    this.unfiltered = unfiltered;
    this.carriesGrants = carriesGrants;
    this.bounds = bounds;
    this.reporter = reporter;
  }

  private MachineLedger ledger(MachineId machine) {
    return ledgers.computeIfAbsent(machine, m -> new MachineLedger());
  }

  MachineLedger.Phase phase(Grant grant) {
    return ledger(grant.machine()).phase(grant.id());
  }

  /** Grants that may be opened: within this enforcer's own limits, and not failed for good. */
  List<Grant> admissible(Collection<Grant> grants) {
    return grants.stream()
        .filter(g -> bounds.violation(g).isEmpty())
        .filter(g -> phase(g) != MachineLedger.Phase.FAILED)
        .toList();
  }

  /** Forgets all other grants. */
  void retain(Set<GrantId> known) {
    ledgers.values().forEach(l -> l.retain(known));
  }

  /** What the newest reports say of a machine. */
  void settle(
      MachineIntent intent,
      Collection<Grant> grants,
      Map<RuleSetId, RuleSetReport> reports,
      Predicate<GrantId> isReadSinceItsEnd,
      Instant now) {
    for (Grant g : grants) {
      Optional<String> violation = bounds.violation(g);
      if (violation.isPresent() && g.isLive(now)) {
        failOnce(intent.facts(), g, ErrorCode.INVALID_REQUEST, "the grant " + violation.get());
      }
    }
    tell(intent, grants, reports, isReadSinceItsEnd, now);
  }

  /** A machine that no scan shows: its grants fail or are over. */
  void settleMissing(MachineId id, Collection<Grant> grants, Instant now) {
    MachineFacts unseen = MachineFacts.unseen(id);
    for (Grant g : grants) {
      if (g.isLive(now)) {
        failOnce(unseen, g, ErrorCode.TARGET_NOT_FOUND, "no such machine in " + scope);
      }
    }
    tell(new MachineIntent(unseen, Optional.empty(), List.of()), grants, Map.of(), g -> true, now);
  }

  private void tell(
      MachineIntent intent,
      Collection<Grant> grants,
      Map<RuleSetId, RuleSetReport> reports,
      Predicate<GrantId> isReadSinceItsEnd,
      Instant now) {
    Settlement.settle(
            intent,
            grants,
            carriesGrants,
            reports,
            isReadSinceItsEnd,
            unfiltered.apply(intent.machine()),
            ledger(intent.machine()),
            now)
        .forEach(r -> reporter.report(scope, r));
  }

  private void failOnce(MachineFacts facts, Grant grant, ErrorCode code, String message) {
    if (ledger(facts.id()).fail(grant.id())) {
      reporter.report(
          scope,
          new Report.Failed(
              Report.Operation.OPEN, Optional.of(grant), facts, code, message, false));
    }
  }
}
