package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import io.postern.expiry.domain.SoonDue;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every timer until it rings: on Kafka's wheel while its time is far, and from {@link #NEAR_MICROS}
 * before it where whoever fires waits for it. Safe for use by many threads.
 */
final class Wheel implements AutoCloseable {
  /** How long before its time a timer leaves Kafka's wheel and tells its {@link Timers} so. */
  static final long NEAR_MICROS = Duration.ofSeconds(4).toNanos() / 1_000;

  // The wheel need not be exact, and each tick with a timer in it wakes two threads.
  private static final long TICK_MILLIS = 20;
  // Kafka's own number.
  private static final int SLOTS = 20;
  private static final Logger LOGGER = LoggerFactory.getLogger(Wheel.class);

  /** A timer that rings once, unless it is cancelled before. */
  final class Ring extends TimerTask {
    private final Timers timers;
    private final Deadline deadline;
    private final long atMicros;
    // With the lock of its timers only.
    private @Nullable Prepared prepared;
    private boolean spent;

    private Ring(Timers timers, Deadline deadline, long atMicros) {
      super(Math.max(0, time.tickOf(atMicros - NEAR_MICROS) - Time.SYSTEM.hiResClockMs()));
      this.timers = timers;
      this.deadline = deadline;
      this.atMicros = atMicros;
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
      timers.isNear(this);
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
      new SystemTimerReaper(
          "expiry-reaper",
          new SystemTimer("expiry-timer", TICK_MILLIS, SLOTS, Time.SYSTEM.hiResClockMs()));
  private final SoonDue<Ring> near;
  private final LinkedBlockingQueue<Ring> soon = new LinkedBlockingQueue<>();
  private final AtomicInteger ready = new AtomicInteger();

  Wheel(TrustedTime time) {
    this.time = time;
    this.near = new SoonDue<>(time::micros);
  }

  /** A timer for this time, in microseconds since 1970; it is not set yet. */
  Ring timer(Timers timers, Deadline deadline, long micros) {
    return new Ring(timers, deadline, micros);
  }

  /** Sets it. When its time is not far, its {@link Timers} are told at once and by this thread. */
  void set(Ring ring) {
    if (ring.delayMs == 0) {
      ring.run();
    } else {
      reaper.add(ring);
    }
  }

  /** It rings at its time or after it, never before, unless its deadline has another by then. */
  void near(Ring ring) {
    near.add(ring.atMicros(), ring);
  }

  /** What it rings for can be made ready. */
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

  /** Takes all that ring; waits so long at most until any does. */
  void takeRung(Collection<Ring> rings, long waitMillis) throws InterruptedException {
    near.take(rings, waitMillis);
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
