package io.postern.aws.cloud;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Keeps the pages of a scan to half of what EC2 gives to reads by filter and page, 100 at once and
 * 20 a second, so that what opens and closes finds some left.
 */
final class ScanPace {
  private static final int AT_ONCE = 50;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final boolean paced;
  private final LongSupplier nanoTime;
  private final LongConsumer sleep;
  private long earliest;

  /**
   * @param paced false for a simulator without limits
   */
  ScanPace(boolean paced) {
    this(paced, System::nanoTime, ScanPace::sleep);
  }

  /**
   * @param nanoTime what time it is, in nanoseconds since anything
   * @param sleep waits for so many nanoseconds
   */
  ScanPace(boolean paced, LongSupplier nanoTime, LongConsumer sleep) {
    this.paced = paced;
    this.nanoTime = nanoTime;
    this.sleep = sleep;
    this.earliest = nanoTime.getAsLong() - AT_ONCE * PAUSE_NANOS;
  }

  /** Waits for the next page's turn. */
  void turn() {
    if (!paced) {
      return;
    }
    long now = nanoTime.getAsLong();
    earliest = Math.max(earliest + PAUSE_NANOS, now - AT_ONCE * PAUSE_NANOS);
    if (earliest > now) {
      sleep.accept(earliest - now);
    }
  }

  private static void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
