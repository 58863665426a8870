package io.postern.audit.log;

import io.postern.audit.siem.Collector;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines on their way to a collector, on a thread of their own: a collector that does not have them
 * is asked again, with longer and longer pauses, until it does, refuses, or the hand-over is
 * abandoned.
 */
final class HandOver {
  private static final Logger LOGGER = LoggerFactory.getLogger(HandOver.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Thread thread;
  private volatile boolean taken;
  private volatile @Nullable RuntimeException failure;

  private HandOver(Collector collector, List<String> lines, Duration firstPause) {
    this.thread =
        Thread.ofPlatform()
            .name("hand-over")
            .daemon()
            .unstarted(() -> run(collector, lines, firstPause));
  }

  static HandOver begin(Collector collector, List<String> lines, Duration firstPause) {
    HandOver handOver = new HandOver(collector, lines, firstPause);
    handOver.thread.start();
    return handOver;
  }

  private void run(Collector collector, List<String> lines, Duration firstPause) {
    Duration pause = firstPause;
    try {
      while (!taken) {
        try {
          collector.take(lines);
          taken = true;
        } catch (IOException e) {
          LOGGER
              .atWarn()
              .addKeyValue("lines", lines.size())
              .log("the collector has not taken them and is asked again: {}", e.toString());
          Thread.sleep(pause);
          pause = longer(pause);
        }
      }
    } catch (InterruptedException e) {
      LOGGER.atDebug().addKeyValue("lines", lines.size()).log("abandoned");
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  /**
   * Waits for its end, but not for long.
   *
   * @return whether the collector has the lines
   * @throws RuntimeException of the collector: {@link Collector.RefusedException} when it will not
   *     have them
   */
  boolean isTaken(Duration atMost) throws InterruptedException {
    thread.join(atMost);
    RuntimeException why = failure;
    if (why != null) {
      throw why;
    }
    return taken;
  }

  /**
   * Ends it. Once this returns nothing more is handed over.
   *
   * @return whether the collector said before that it has the lines; it may have them all the same
   */
  boolean abandon() {
    boolean interrupted = false;
    thread.interrupt();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return taken;
  }
}
