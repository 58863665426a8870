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
    final double size;
    final double perNano;
    double tokens;
    long at;

    Level(Bucket bucket, long at) {
      this.size = bucket.size() * SHARE;
      this.perNano = bucket.perSecond() * SHARE / NANOS;
      this.tokens = size;
      this.at = at;
    }

    void refill(long now) {
      tokens = Math.min(size, tokens + Math.max(0, now - at) * perNano);
      at = now;
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

  /** Which share is left of the bucket that is emptiest, 0 to 1. */
  public synchronized double left(long now) {
    double least = 1;
    for (Level level : levels.values()) {
      level.refill(now);
      least = Math.min(least, level.tokens / level.size);
    }
    return least;
  }

  /** Takes a token for the step, or says how long to wait before asking again. */
  public synchronized Optional<Duration> take(Step step, long now) {
    Level level =
        levels.computeIfAbsent(step.getClass().getSimpleName(), n -> new Level(bucket(step), now));
    level.refill(now);
    double needed = 1 + (step.opens() ? level.size * RESERVE : 0);
    if (level.tokens < needed) {
      return Optional.of(
          Duration.ofNanos((long) Math.ceil((needed - level.tokens) / level.perNano)));
    }
    level.tokens -= 1;
    return Optional.empty();
  }
}
