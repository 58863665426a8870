package io.postern.enforcement;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.RestorePointStore;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Brings one rule set to what must hold: observe, plan, record what is displaced, apply, and
 * observe again until nothing is left to do. Only what was read back is reported. What only adds
 * allow rules of ours is planned from what the look before saw, which spares a read on the way to
 * an open port; had it become wrong meanwhile, the cloud refuses it or the reading back shows it.
 */
public final class Reconciler<O, S> {
  /** Passes before a rule set that does not settle is left for later. */
  static final int MAX_PASSES = 5;

  private static final Duration UNSETTLED_PAUSE = Duration.ofMillis(500);

  private final CloudAdapter<O, S> cloud;
  private final RestorePointStore restorePoints;
  private final LastSeen<O> lastSeen = new LastSeen<>();

  public Reconciler(CloudAdapter<O, S> cloud, RestorePointStore restorePoints) {
    this.cloud = cloud;
    this.restorePoints = restorePoints;
  }

  public RuleSetReport reconcile(RuleSetIntent intent) {
    Optional<RestorePoint> recorded = intent.restorePoint();
    try {
      Optional<RuleSetReport> deferred = addFromLastSeen(intent);
      if (deferred.isPresent()) {
        return deferred.get();
      }
      for (int pass = 0; pass < MAX_PASSES; pass++) {
        RuleSetIntent current =
            new RuleSetIntent(
                intent.ruleSet(), intent.scope(), intent.machines(), recorded, intent.now());
        O observed = cloud.observe(current);
        Plan<S> plan = cloud.plan(current, observed);
        if (plan.steps().isEmpty()) {
          record(current, recorded, plan.after());
          lastSeen.put(intent.ruleSet(), observed);
          return report(current, plan, observed, Optional.empty());
        }
        record(current, recorded, plan.before());
        recorded = plan.before();
        Outcome outcome = cloud.apply(current, observed, plan.steps());
        if (!(outcome instanceof Outcome.Applied)) {
          return report(current, plan, cloud.observe(current), Optional.of(outcome));
        }
      }
      return trouble(
          intent,
          new Outcome.Deferred(
              ErrorCode.CONFLICT,
              intent.ruleSet() + " does not settle: somebody else keeps changing it",
              UNSETTLED_PAUSE));
    } catch (CloudException e) {
      Optional<Duration> wait = e.retryAfter();
      return trouble(
          intent,
          wait.isPresent()
              ? new Outcome.Deferred(e.code(), String.valueOf(e.getMessage()), wait.get())
              : new Outcome.Failed(e.code(), String.valueOf(e.getMessage())));
    }
  }

  /** Whatever comes of it, the look that follows finds out; unless it is to come later. */
  private Optional<RuleSetReport> addFromLastSeen(RuleSetIntent intent) throws CloudException {
    Optional<O> seen = lastSeen.take(intent.ruleSet());
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    Plan<S> plan = cloud.plan(intent, seen.get());
    if (plan.steps().isEmpty()
        || !plan.before().equals(intent.restorePoint())
        || !cloud.onlyAdds(plan.steps())) {
      return Optional.empty();
    }
    Outcome outcome = cloud.apply(intent, seen.get(), plan.steps());
    return outcome instanceof Outcome.Deferred d && d.code() == ErrorCode.THROTTLED
        ? Optional.of(report(intent, plan, cloud.observe(intent), Optional.of(outcome)))
        : Optional.empty();
  }

  private void record(
      RuleSetIntent intent, Optional<RestorePoint> recorded, Optional<RestorePoint> wanted) {
    if (!recorded.equals(wanted)) {
      restorePoints.record(intent.scope(), intent.ruleSet(), wanted);
    }
  }

  private RuleSetReport report(
      RuleSetIntent intent, Plan<S> plan, O observed, Optional<Outcome> trouble) {
    return new RuleSetReport(
        intent,
        Optional.of(cloud.assess(intent, observed)),
        trouble,
        plan.refusedGrants(),
        plan.refusedLocks());
  }

  private static RuleSetReport trouble(RuleSetIntent intent, Outcome outcome) {
    return new RuleSetReport(intent, Optional.empty(), Optional.of(outcome), Map.of(), Map.of());
  }
}
