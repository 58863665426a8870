package io.postern.simulator.arm;

import io.postern.simulator.kernel.SimulatorClock;
import io.postern.simulator.kernel.TokenBucket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The limits that Azure documents: ARM's per subscription and principal (reads 250 + 25/s, writes
 * and deletes 200 + 10/s), and the network provider's per subscription (1,000 writes and 10,000
 * reads in five minutes). A caller that comes back before {@code Retry-After} is over is refused
 * again.
 */
final class Throttle {
  private static final double FIVE_MINUTES = 300;

  private enum Kind {
    READS("Read", 250, 25),
    WRITES("Write", 200, 10),
    DELETES("Delete", 200, 10);

    final String operation;
    final double size;
    final double perSecond;

    Kind(String operation, double size, double perSecond) {
      this.operation = operation;
      this.size = size;
      this.perSecond = perSecond;
    }

    static Kind of(String method) {
      return switch (method) {
        case "GET", "HEAD" -> READS;
        case "DELETE" -> DELETES;
        default -> WRITES;
      };
    }
  }

  private static final class Bucket {
    final TokenBucket tokens;
    private Instant refusedUntil = Instant.MIN;

    Bucket(TokenBucket tokens) {
      this.tokens = tokens;
    }

    /** Zero when the call may pass; otherwise how long the caller has to wait. */
    synchronized Duration take(Instant now) {
      if (now.isBefore(refusedUntil)) {
        return Duration.between(now, refusedUntil);
      }
      if (tokens.tryTake(now)) {
        return Duration.ZERO;
      }
      long seconds = Math.max(1, tokens.untilNext(now).plusMillis(999).toSeconds());
      refusedUntil = now.plusSeconds(seconds);
      return Duration.ofSeconds(seconds);
    }
  }

  private final SimulatorClock clock;
  private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();

  Throttle(SimulatorClock clock) {
    this.clock = clock;
  }

  /** A header that tells what is left. */
  record Remaining(String header, int calls) {}

  /** Counts a call; refuses it with 429 when a bucket is empty. */
  Remaining admit(String method, ResourceId id, String principal) {
    Kind kind = Kind.of(method);
    Instant now = clock.now();
    String subscription = id.subscription();
    Bucket arm =
        buckets.computeIfAbsent(
            kind + " " + subscription + " " + principal,
            k -> new Bucket(new TokenBucket(kind.size, kind.perSecond, now)));
    take(
        arm,
        now,
        "SubscriptionRequestsThrottled",
        "Number of requests for subscription '%s' and operation '%s' exceeded the backend storage limit. Please try again after the time that Retry-After names."
            .formatted(subscription, kind.operation));
    if (id.namespace().equals("Microsoft.Network")) {
      double size = kind == Kind.READS ? 10_000 : 1_000;
      Bucket network =
          buckets.computeIfAbsent(
              "network " + (kind == Kind.READS) + " " + subscription,
              k -> new Bucket(new TokenBucket(size, size / FIVE_MINUTES, now)));
      take(network, now, "TooManyRequests", "Too many requests to the network resource provider.");
    }
    return new Remaining(
        "x-ms-ratelimit-remaining-subscription-"
            + kind.operation.toLowerCase(java.util.Locale.ROOT)
            + "s",
        arm.tokens.remaining(now));
  }

  private static void take(Bucket bucket, Instant now, String code, String message) {
    Duration wait = bucket.take(now);
    if (wait.isPositive()) {
      int seconds = (int) Math.max(1, wait.plusMillis(999).toSeconds());
      throw new ArmException(429, code, message, seconds, List.of());
    }
  }

  void clear() {
    buckets.clear();
  }
}
