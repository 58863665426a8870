package io.postern.enforcement;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.RestorePointStore;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.DriftWatch;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.enforcement.domain.Settled;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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
  private final DriftLimits drift;
  private final LastSeen<O> lastSeen = new LastSeen<>();
  private final Map<RuleSetId, DriftWatch> watches = new ConcurrentHashMap<>();

  public Reconciler(CloudAdapter<O, S> cloud, RestorePointStore restorePoints, DriftLimits drift) {
    this.cloud = cloud;
    this.restorePoints = restorePoints;
    this.drift = drift;
  }

  public RuleSetReport reconcile(RuleSetIntent intent) {
    return reconcile(intent, false);
  }

  /**
   * Likewise.
   *
   * @param closes whether something is to be closed, which goes before everything else
   */
  public RuleSetReport reconcile(RuleSetIntent intent, boolean closes) {
    return new Look(intent, closes).report();
  }

  /** One look at one rule set. */
  private final class Look {
    private final RuleSetIntent asked;
    private final boolean closes;
    private final DriftWatch watch;
    private Optional<RestorePoint> recorded;
    private Optional<Report.Drifted> drifted = Optional.empty();

    Look(RuleSetIntent asked, boolean closes) {
      this.asked = asked;
      this.closes = closes;
      this.watch =
          watches.computeIfAbsent(asked.ruleSet(), r -> new DriftWatch(drift, cloud.lateReads()));
      this.recorded = asked.restorePoint();
    }

    RuleSetReport report() {
      try {
        Optional<RuleSetReport> deferred = addFromLastSeen();
        if (deferred.isPresent()) {
          return deferred.get();
        }
        for (int pass = 0; pass < MAX_PASSES; pass++) {
          Optional<RuleSetReport> end = pass();
          if (end.isPresent()) {
            return end.get();
          }
        }
        return unread(
            new Outcome.Deferred(
                ErrorCode.CONFLICT,
                asked.ruleSet() + " does not settle: somebody else keeps changing it",
                UNSETTLED_PAUSE));
      } catch (CloudException e) {
        return unread(outcome(e));
      }
    }

    /** Whatever comes of it, the look that follows finds out; unless it is to come later. */
    private Optional<RuleSetReport> addFromLastSeen() throws CloudException {
      Optional<O> seen = lastSeen.take(asked.ruleSet());
      if (seen.isEmpty()) {
        return Optional.empty();
      }
      RuleSetIntent current = watch.pursued(asked);
      Plan<S> plan = cloud.plan(current, seen.get());
      if (plan.steps().isEmpty()
          || !plan.before().equals(recorded)
          || !cloud.onlyAdds(plan.steps())) {
        return Optional.empty();
      }
      watch.writing(asked.now());
      Outcome outcome = apply(current, seen.get(), plan);
      return outcome instanceof Outcome.Deferred d && d.code() == ErrorCode.THROTTLED
          ? Optional.of(read(current, plan, observe(current), Optional.of(outcome)))
          : Optional.empty();
    }

    private Optional<RuleSetReport> pass() throws CloudException {
      O observed = observe(asked.owing(recorded));
      noteDrift(observed);
      RuleSetIntent current = watch.pursued(asked).owing(recorded);
      Plan<S> plan = cloud.plan(current, observed);
      if (plan.steps().isEmpty()) {
        record(plan.after());
        lastSeen.put(asked.ruleSet(), observed);
        RuleSetReport report = read(current, plan, observed, Optional.empty());
        report
            .assessment()
            .ifPresent(
                a ->
                    watch.settled(
                        new Settled(current.owing(recorded), a, cloud.describe(observed))));
        return Optional.of(report);
      }
      record(plan.before());
      watch.writing(asked.now());
      Outcome outcome = apply(current, observed, plan);
      return outcome instanceof Outcome.Applied
          ? Optional.empty()
          : Optional.of(read(current, plan, observe(current), Optional.of(outcome)));
    }

    private O observe(RuleSetIntent intent) throws CloudException {
      return Looks.call("cloud read", () -> cloud.observe(intent, closes));
    }

    private Outcome apply(RuleSetIntent intent, O observed, Plan<S> plan) throws CloudException {
      return Looks.call("cloud write", () -> cloud.apply(intent, observed, plan.steps()));
    }

    private void noteDrift(O observed) {
      Map<String, String> rules = cloud.describe(observed);
      Optional<Settled> suspect = watch.suspect(rules, asked.now());
      if (suspect.isEmpty()) {
        return;
      }
      Settled before = suspect.get();
      RuleSetIntent expected =
          before.expected(asked, cloud.assess(before.intent(), observed).present());
      Plan<S> plan = cloud.plan(expected, observed);
      watch
          .drift(
              before,
              asked,
              expected,
              rules,
              cloud.assess(expected, observed),
              plan,
              cloud.explain(observed, plan.steps()))
          .ifPresent(
              d ->
                  drifted =
                      Optional.of(
                          new Report.Drifted(
                              asked.ruleSet(), d.machines(), d.changes(), watch.answer(d, asked))));
      watch.told();
    }

    private void record(Optional<RestorePoint> wanted) {
      if (!recorded.equals(wanted)) {
        restorePoints.record(asked.scope(), asked.ruleSet(), wanted);
      }
      recorded = wanted;
    }

    private RuleSetReport read(
        RuleSetIntent current, Plan<S> plan, O observed, Optional<Outcome> trouble) {
      Map<GrantId, Plan.Refusal> refused = new HashMap<>(plan.refusedGrants());
      refused.putAll(watch.refusals());
      return new RuleSetReport(
          asked,
          Optional.of(cloud.assess(current, observed)),
          trouble,
          refused,
          plan.refusedLocks(),
          drifted);
    }

    private RuleSetReport unread(Outcome trouble) {
      return new RuleSetReport(
          asked, Optional.empty(), Optional.of(trouble), Map.of(), Map.of(), drifted);
    }
  }

  private static Outcome outcome(CloudException e) {
    String why = String.valueOf(e.getMessage());
    return e.retryAfter()
        .<Outcome>map(wait -> new Outcome.Deferred(e.code(), why, wait))
        .orElseGet(() -> new Outcome.Failed(e.code(), why));
  }
}
