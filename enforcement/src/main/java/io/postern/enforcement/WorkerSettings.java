package io.postern.enforcement;

import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import java.time.Duration;

/**
 * How a scope is worked on.
 *
 * @param resyncInterval how often everything is looked at without a reason
 * @param parallelRuleSets how many rule sets are worked on at the same time
 * @param drift how long a fight with a foreign hand is fought
 */
public record WorkerSettings(
    Duration resyncInterval, int parallelRuleSets, Bounds bounds, DriftLimits drift) {
  public static final WorkerSettings DEFAULT =
      new WorkerSettings(Duration.ofMinutes(1), 16, Bounds.DEFAULT, DriftLimits.DEFAULT);
}
