package io.postern.simulator.kernel;

import java.time.Duration;
import java.time.Instant;

/** A token bucket as both clouds document theirs: a size, and a refill per second. */
public final class TokenBucket {
  private final double capacity;
  private final double refillPerSecond;
  private double tokens;
  private Instant updatedAt;

  public TokenBucket(double capacity, double refillPerSecond, Instant now) {
    this.capacity = capacity;
    this.refillPerSecond = refillPerSecond;
    this.tokens = capacity;
    this.updatedAt = now;
  }

  /** Takes one token if there is one. */
  public synchronized boolean tryTake(Instant now) {
    refill(now);
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }

  /** How long from now until one token is there; zero when there is one. */
  public synchronized Duration untilNext(Instant now) {
    refill(now);
    return tokens >= 1
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil((1 - tokens) / refillPerSecond * 1e9));
  }

  /** Whole tokens left. */
  public synchronized int remaining(Instant now) {
    refill(now);
    return (int) tokens;
  }

  private void refill(Instant now) {
    if (now.isAfter(updatedAt)) {
      double seconds = Duration.between(updatedAt, now).toNanos() / 1e9;
      tokens = Math.min(capacity, tokens + seconds * refillPerSecond);
      updatedAt = now;
    }
  }
}
