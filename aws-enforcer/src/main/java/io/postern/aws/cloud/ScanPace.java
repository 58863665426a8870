package io.postern.aws.cloud;

import java.util.concurrent.TimeUnit;

/**
 * Keeps the pages of a scan to half of what EC2 gives to reads by filter and page, 100 at once and
 * 20 a second, so that what opens and closes finds some left.
 */
final class ScanPace {
  private static final int AT_ONCE = 50;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final boolean paced;
  private long earliest = System.nanoTime() - AT_ONCE * PAUSE_NANOS;

  /**
   * @param paced false for a simulator without limits
   */
  ScanPace(boolean paced) {
    this.paced = paced;
  }

  /** Waits for the next page's turn. */
  void turn() {
    if (!paced) {
      return;
    }
    long now = System.nanoTime();
    earliest = Math.max(earliest + PAUSE_NANOS, now - AT_ONCE * PAUSE_NANOS);
    if (earliest > now) {
      try {
        TimeUnit.NANOSECONDS.sleep(earliest - now);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
