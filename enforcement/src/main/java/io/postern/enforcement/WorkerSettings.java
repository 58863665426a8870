package io.postern.enforcement;

import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import java.time.Duration;

/**
 * How a scope is worked on.
 *
 * @param resyncInterval how often everything that concerns us is looked at without a reason
 * @param parallelRuleSets how many rule sets are worked on at the same time
 * @param drift how long a fight with a foreign hand is fought
 * @param scanInterval how often the scope's machines are looked up
 * @param assessmentRefresh age from which on an assessment that has not changed is told again
 */
public record WorkerSettings(
    Duration resyncInterval,
    int parallelRuleSets,
    Bounds bounds,
    DriftLimits drift,
    Duration scanInterval,
    Duration assessmentRefresh) {
  /** Ages of assessments can be told apart by quarters of an hour. */
  public static final Duration ASSESSMENT_REFRESH = Duration.ofMinutes(15);

  public static final WorkerSettings DEFAULT =
      new WorkerSettings(Duration.ofMinutes(1), 16, Bounds.DEFAULT, DriftLimits.DEFAULT);

  /** One that scans as often as it looks at everything. */
  public WorkerSettings(
      Duration resyncInterval, int parallelRuleSets, Bounds bounds, DriftLimits drift) {
    this(resyncInterval, parallelRuleSets, bounds, drift, resyncInterval, ASSESSMENT_REFRESH);
  }

  /** The same with other settings of assessments. */
  public WorkerSettings with(AssessmentSettings assessment) {
    return new WorkerSettings(
        resyncInterval,
        parallelRuleSets,
        bounds,
        drift,
        assessment.scanIntervalOr(resyncInterval),
        assessment.refreshOrDefault());
  }
}
