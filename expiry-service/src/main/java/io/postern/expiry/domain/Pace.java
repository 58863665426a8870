package io.postern.expiry.domain;

/**
 * Spreads work that others should not have to wait for: whoever does it rests when he is ahead of a
 * pace, and goes on without a rest while he is behind it. Not safe for use by several threads.
 */
public final class Pace {
  private final long nanosEach;
  private final long leastRest;
  private long dueNanos;

  /**
   * @param nanosEach the time for each piece of work with its share of the rests
   * @param leastRest a rest that would be shorter, in nanoseconds, is not taken yet
   */
  public Pace(long nanosEach, long leastRest) {
    this.nanosEach = nanosEach;
    this.leastRest = leastRest;
  }

  /** Work begins; what was before does not count. */
  public void begin(long nowNanos) {
    dueNanos = nowNanos;
  }

  /** One more piece is done: how long to rest now, in nanoseconds, or 0. */
  public long rest(long nowNanos) {
    dueNanos += nanosEach;
    long ahead = dueNanos - nowNanos;
    return ahead < leastRest ? 0 : ahead;
  }
}
