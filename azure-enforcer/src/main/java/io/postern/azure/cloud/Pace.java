package io.postern.azure.cloud;

import java.time.Duration;
import java.time.Instant;

/**
 * A token bucket. What closes may take the last tokens, what opens must leave a reserve.
 *
 * @see <a
 *     href="https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling">Azure's
 *     limits</a>
 */
final class Pace {
  /** ARM takes 250 reads at once and 25 more each second. */
  static Pace reads() {
    return new Pace(245, 24.5, 60);
  }

  /** ARM takes 200 writes at once and 10 more each second; of deletions as many again. */
  static Pace writes() {
    return new Pace(196, 9.9, 45);
  }

  private final double size;
  private final double perSecond;
  private final double reserve;
  private double tokens;
  private Instant refilledAt = Instant.MIN;

  Pace(double size, double perSecond, double reserve) {
    this.size = size;
    this.perSecond = perSecond;
    this.reserve = reserve;
    this.tokens = size;
  }

  /** How long until there is a token; zero when there is one. */
  Duration wait(Instant now, boolean mayUseReserve) {
    refill(now);
    double missing = 1 + (mayUseReserve ? 0 : reserve) - tokens;
    return missing <= 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(missing / perSecond * 1e9));
  }

  /** Which share of the bucket is full, 0 to 1. */
  double left(Instant now) {
    refill(now);
    return tokens / size;
  }

  /** Takes a token that is there. */
  void take() {
    tokens--;
  }

  private void refill(Instant now) {
    if (refilledAt.isBefore(now)) {
      double seconds =
          refilledAt.equals(Instant.MIN) ? 0 : Duration.between(refilledAt, now).toNanos() / 1e9;
      tokens = Math.min(size, tokens + seconds * perSecond);
      refilledAt = now;
    }
  }
}
