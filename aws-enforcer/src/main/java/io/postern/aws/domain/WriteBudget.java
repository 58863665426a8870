package io.postern.aws.domain;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How often an account and region may be written to: EC2's documented buckets for each action, nine
 * tenths of them, nearly all for taking rules away, and a reserve that only closing may use. What
 * only tidies up does not wait for a token but is given a time to come back, each its own. Time is
 * an argument, in nanoseconds from any origin.
 */
public final class WriteBudget {
  private static final double SHARE = 0.9;

  /** Of the bucket of revokes; a little is left for clocks that do not agree. */
  private static final double CLOSING_SHARE = 0.98;

  private static final double RESERVE = 0.25;
  private static final double NANOS = 1e9;

  /** A bucket as EC2 documents it. */
  public record Bucket(int size, int perSecond) {}

  private static final class Level {
    final double size;
    final double perNano;
    double tokens;
    long at;
    long lastTurn;

    Level(Bucket bucket, double share, long at) {
      this.size = bucket.size() * share;
      this.perNano = bucket.perSecond() * share / NANOS;
      this.tokens = size;
      this.at = at;
      this.lastTurn = at;
    }

    /** How long until a turn that nobody else was given. */
    long turn(long now, long wait) {
      lastTurn = Math.max(now + wait, lastTurn + (long) Math.ceil(1 / perNano));
      return lastTurn - now;
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

  private static double share(Step step) {
    return step instanceof Step.Revoke ? CLOSING_SHARE : SHARE;
  }

  /** Whether nobody waits for it: no port is open or closed by it. */
  public static boolean tidies(Step step) {
    return step instanceof Step.DeleteGroup || step instanceof Step.SetGroups s && !s.opens();
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
        levels.computeIfAbsent(
            step.getClass().getSimpleName(), n -> new Level(bucket(step), share(step), now));
    level.refill(now);
    double needed = 1 + (step.opens() ? level.size * RESERVE : 0);
    if (level.tokens < needed) {
      long wait = (long) Math.ceil((needed - level.tokens) / level.perNano);
      return Optional.of(Duration.ofNanos(tidies(step) ? level.turn(now, wait) : wait));
    }
    level.tokens -= 1;
    return Optional.empty();
  }
}
