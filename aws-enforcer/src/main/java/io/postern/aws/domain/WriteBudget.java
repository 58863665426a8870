package io.postern.aws.domain;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How often an account and region may be written to: EC2's documented buckets for each action, nine
 * tenths of them, and of these a reserve that only closing may use. Time is an argument, in
 * nanoseconds from any origin.
 */
public final class WriteBudget {
  private static final double SHARE = 0.9;
  private static final double RESERVE = 0.25;
  private static final double NANOS = 1e9;

  /** A bucket as EC2 documents it. */
  public record Bucket(int size, int perSecond) {}

  private static final class Level {
    double tokens;
    long at;

    Level(double tokens, long at) {
      this.tokens = tokens;
      this.at = at;
    }
  }

  private final Map<String, Level> levels = new HashMap<>();

  /** The bucket of a step's action (EC2 API throttling, "Bucket sizes and refill rates"). */
  static Bucket bucket(Step step) {
    return switch (step) {
      case Step.Authorize s -> new Bucket(50, 5);
      case Step.Revoke s -> new Bucket(50, 5);
      case Step.Describe s -> new Bucket(50, 5);
      case Step.CreateGroup s -> new Bucket(50, 5);
      case Step.DeleteGroup s -> new Bucket(50, 5);
      case Step.RevokeEgress s -> new Bucket(50, 5);
      case Step.SetGroups s -> new Bucket(100, 5);
      case Step.Tag s -> new Bucket(100, 10);
      case Step.Untag s -> new Bucket(100, 10);
    };
  }

  /** Takes a token for the step, or says how long to wait before asking again. */
  public synchronized Optional<Duration> take(Step step, long now) {
    Bucket bucket = bucket(step);
    double size = bucket.size() * SHARE;
    double perNano = bucket.perSecond() * SHARE / NANOS;
    Level level =
        levels.computeIfAbsent(step.getClass().getSimpleName(), n -> new Level(size, now));
    level.tokens = Math.min(size, level.tokens + Math.max(0, now - level.at) * perNano);
    level.at = now;
    double needed = 1 + (step.opens() ? size * RESERVE : 0);
    if (level.tokens < needed) {
      return Optional.of(Duration.ofNanos((long) Math.ceil((needed - level.tokens) / perNano)));
    }
    level.tokens -= 1;
    return Optional.empty();
  }
}
