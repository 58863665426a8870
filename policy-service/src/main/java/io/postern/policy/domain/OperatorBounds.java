package io.postern.policy.domain;

import java.time.Duration;

/**
 * Limits that no policy can widen.
 *
 * @param shortest shortest grant
 * @param longest longest grant
 * @param oldestRequest a request that waited longer than this for its decision is denied: whoever
 *     asked has gone away
 * @param latestStart how far ahead a grant may begin; with {@code longest} less than a week, for
 *     which tombstones of leases are kept
 */
public record OperatorBounds(
    Duration shortest, Duration longest, Duration oldestRequest, Duration latestStart) {
  /** Five minutes to a day, as in Defender's API; ten minutes of waiting; five days ahead. */
  public static final OperatorBounds DEFAULT =
      new OperatorBounds(
          Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofMinutes(10), Duration.ofDays(5));

  public OperatorBounds {
    if (shortest.compareTo(longest) > 0 || shortest.isNegative()) {
      throw new IllegalArgumentException(
          "postern.bounds: shortest (%s) must not be negative or above longest (%s)"
              .formatted(shortest, longest));
    }
  }
}
