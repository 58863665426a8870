package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import java.util.Collection;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's wheel, and what rang. A timer may tell of itself a while before it rings. Safe for use by
 * many threads.
 */
final class Wheel implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Wheel.class);

  /** A timer that rings once, unless it is cancelled before. */
  final class Ring extends TimerTask {
    private final Timers timers;
    private final Deadline deadline;
    private final long atMicros;
    private final boolean early;
    // With the lock of its timers only.
    private @Nullable Prepared prepared;
    private boolean spent;

    private Ring(Timers timers, Deadline deadline, long atMicros, boolean early, long delayMillis) {
      super(delayMillis);
      this.timers = timers;
      this.deadline = deadline;
      this.atMicros = atMicros;
      this.early = early;
    }

    Timers timers() {
      return timers;
    }

    Deadline deadline() {
      return deadline;
    }

    /** When it rings, in microseconds since 1970. */
    long atMicros() {
      return atMicros;
    }

    @Override
    public void run() {
      if (early) {
        timers.ringsSoon(this);
      } else {
        rang.add(this);
      }
    }

    /** Keeps what is sent when it rings, unless it is too late for that. */
    void keep(Prepared announcement) {
      if (!spent && prepared == null) {
        prepared = announcement;
        ready.incrementAndGet();
      }
    }

    /** What was kept, once; nothing is kept any more. */
    @Nullable Prepared spend() {
      Prepared kept = prepared;
      if (kept != null) {
        ready.decrementAndGet();
      }
      prepared = null;
      spent = true;
      return kept;
    }
  }

  private final TrustedTime time;
  private final SystemTimerReaper reaper =
      new SystemTimerReaper("expiry-reaper", new SystemTimer("expiry-timer"));
  private final LinkedBlockingQueue<Ring> rang = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Ring> soon = new LinkedBlockingQueue<>();
  private final AtomicInteger ready = new AtomicInteger();

  Wheel(TrustedTime time) {
    this.time = time;
  }

  /** Rings at this time or after it, never before. */
  Ring set(Timers timers, Deadline deadline, long micros) {
    return add(new Ring(timers, deadline, micros, false, delayMillis(micros)));
  }

  /**
   * Does not ring, but tells its {@link Timers} so long before this time that it will; null when
   * there is less time left than that.
   */
  @Nullable Ring setAhead(Timers timers, Deadline deadline, long micros, long leadMicros) {
    long delay = delayMillis(micros - leadMicros);
    return delay == 0 ? null : add(new Ring(timers, deadline, micros, true, delay));
  }

  private long delayMillis(long micros) {
    return Math.max(0, time.tickOf(micros) - Time.SYSTEM.hiResClockMs());
  }

  private Ring add(Ring ring) {
    reaper.add(ring);
    return ring;
  }

  /** A timer will ring soon. */
  void soon(Ring ring) {
    soon.add(ring);
  }

  /** Waits for timers that ring soon, and takes all that are told of. */
  void takeSoon(Collection<Ring> rings) throws InterruptedException {
    rings.add(soon.take());
    soon.drainTo(rings);
  }

  /** All timers that ring soon, as far as they are told of. */
  void drainSoon(Collection<Ring> rings) {
    soon.drainTo(rings);
  }

  /** How many announcements the timers keep that have been made ready. */
  int ready() {
    return ready.get();
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
