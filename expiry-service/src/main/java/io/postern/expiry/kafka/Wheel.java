package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import java.util.Collection;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kafka's wheel, and what rang. Safe for use by many threads. */
final class Wheel implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Wheel.class);

  /** A timer that rings once, unless it is cancelled before. */
  final class Ring extends TimerTask {
    private final Timers timers;
    private final Deadline deadline;

    private Ring(Timers timers, Deadline deadline, long delayMillis) {
      super(delayMillis);
      this.timers = timers;
      this.deadline = deadline;
    }

    Timers timers() {
      return timers;
    }

    Deadline deadline() {
      return deadline;
    }

    @Override
    public void run() {
      rang.add(this);
    }
  }

  private final TrustedTime time;
  private final SystemTimerReaper reaper =
      new SystemTimerReaper("expiry-reaper", new SystemTimer("expiry-timer"));
  private final LinkedBlockingQueue<Ring> rang = new LinkedBlockingQueue<>();

  Wheel(TrustedTime time) {
    this.time = time;
  }

  /** Rings at this time or after it, never before. */
  Ring set(Timers timers, Deadline deadline, long micros) {
    long delay = Math.max(0, time.tickOf(micros) - Time.SYSTEM.hiResClockMs());
    Ring ring = new Ring(timers, deadline, delay);
    reaper.add(ring);
    return ring;
  }

  /** The next that rang, if one does within that time. */
  @Nullable Ring next(long waitMillis) throws InterruptedException {
    return waitMillis == 0 ? rang.poll() : rang.poll(waitMillis, TimeUnit.MILLISECONDS);
  }

  /** All others that rang so far. */
  void drainTo(Collection<Ring> rings) {
    rang.drainTo(rings);
  }

  @Override
  public void close() {
    try {
      reaper.close();
    } catch (Exception e) {
      LOGGER.atWarn().setCause(e).log("the wheel did not stop cleanly");
    }
  }
}
