package io.postern.expiry.domain;

import org.jspecify.annotations.Nullable;

/**
 * An instant of a grant that is still to be announced; one small object, since there are millions.
 */
public final class Deadline {
  final long high;
  final long low;
  @Nullable Claim lease;
  @Nullable Claim announced;
  boolean sent;
  boolean dropped;
  // Its lease, if none is known, may still be read.
  boolean leaseMayFollow;
  // The caller's own: its timer.
  private @Nullable Object timer;

  Deadline(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /** The grant's id. */
  public java.util.UUID grant() {
    return new java.util.UUID(high, low);
  }

  /**
   * When to look at it: the earliest instant that any of its records claims, in microseconds;
   * {@link Long#MAX_VALUE} when none claims one. A record that was not verified can thus hurry a
   * look, but not put one off.
   */
  public long ringMicros() {
    long earliest = Claim.OVER;
    for (Claim c = lease; c != null; c = c.older) {
      earliest = Math.min(earliest, c.due);
    }
    return earliest == Claim.OVER ? earliest : wholeMillis(earliest);
  }

  /**
   * The newest announcement of this instant, of those that are verified or of those that are not.
   */
  @Nullable Claim announcementOf(long dueMicros, boolean verified) {
    for (Claim c = announced; c != null; c = c.older) {
      if (c.due == dueMicros && c.verified == verified) {
        return c;
      }
    }
    return null;
  }

  // Rounded up: append times on the log are whole milliseconds, and none may lie before the end.
  private static long wholeMillis(long micros) {
    return Math.ceilDiv(micros, 1_000) * 1_000;
  }

  /** The timer that is set for it, if the caller has told of one. */
  public @Nullable Object timer() {
    return timer;
  }

  public void timer(@Nullable Object set) {
    this.timer = set;
  }
}
