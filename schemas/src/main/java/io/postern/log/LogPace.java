package io.postern.log;

import java.util.OptionalLong;

/**
 * Lets so many lines of a kind into a second's log, and counts those that it leaves out: who floods
 * a topic is not to flood the log as well. Safe for several threads.
 */
final class LogPace {
  private static final long SECOND = 1_000_000_000L;

  private final int perSecond;
  private long begin;
  private int lines;
  private long leftOut;
  private boolean started;

  /**
   * @param perSecond how many lines a second begins with
   */
  LogPace(int perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Whether another line is logged.
   *
   * @param nanos of the monotonic clock
   * @return empty when it is left out; otherwise how many were left out since the line before
   */
  synchronized OptionalLong next(long nanos) {
    if (!started || nanos - begin >= SECOND) {
      started = true;
      begin = nanos;
      lines = 0;
    }
    if (lines == perSecond) {
      leftOut++;
      return OptionalLong.empty();
    }
    lines++;
    long before = leftOut;
    leftOut = 0;
    return OptionalLong.of(before);
  }
}
