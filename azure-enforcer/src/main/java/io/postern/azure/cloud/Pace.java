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
    return new Pace(225, 24, 0);
  }

  /**
   * ARM takes 200 writes at once and 10 more each second, the network provider 1,000 in five
   * minutes: 180 + 300 s * 2.7/s stays below both.
   */
  static Pace writes() {
    return new Pace(180, 2.7, 45);
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

  /** Takes a token and answers zero, or takes none and answers how long to wait for one. */
  synchronized Duration take(Instant now, boolean mayUseReserve) {
    if (refilledAt.isBefore(now)) {
      double seconds =
          refilledAt.equals(Instant.MIN)
              ? 0
              : Duration.between(refilledAt, now).toMillis() / 1000.0;
      tokens = Math.min(size, tokens + seconds * perSecond);
      refilledAt = now;
    }
    double needed = 1 + (mayUseReserve ? 0 : reserve);
    if (tokens >= needed) {
      tokens--;
      return Duration.ZERO;
    }
    return Duration.ofMillis((long) Math.ceil((needed - tokens) / perSecond * 1000));
  }
}
