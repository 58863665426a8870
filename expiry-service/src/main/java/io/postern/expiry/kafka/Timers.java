package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import io.postern.expiry.domain.Deadlines;
import io.postern.expiry.domain.Deadlines.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.server.util.timer.TimerTask;

/** The instants of one kind, each with its timer on the wheel. Safe for use by many threads. */
final class Timers {
  private final Kind kind;
  private final Wheel wheel;
  private final Spill spill;
  private final long staggerMicros;
  private final Deadlines deadlines = new Deadlines(this::release, Timers::cancel);

  Timers(Kind kind, Wheel wheel, Spill spill, long staggerMicros) {
    this.kind = kind;
    this.wheel = wheel;
    this.spill = spill;
    this.staggerMicros = staggerMicros;
  }

  Kind kind() {
    return kind;
  }

  private void release(long record) {
    if (record != Deadlines.NONE) {
      spill.release(record);
    }
  }

  private static void cancel(Deadline deadline) {
    if (deadline.timer() instanceof TimerTask task) {
      task.cancel();
      deadline.timer(null);
    }
  }

  // With the lock only.
  private void arm(Deadline deadline, long micros) {
    cancel(deadline);
    if (deadline.ringMicros() != Long.MAX_VALUE) {
      deadline.timer(wheel.set(this, deadline, micros));
    }
  }

  private void armForItsInstant(Deadline deadline) {
    arm(deadline, deadline.ringMicros() + staggerMicros);
  }

  /** A record, which is kept, says when the grant's instant is. */
  synchronized void runs(UUID grant, long dueMicros, long record, boolean verified) {
    Deadline moved = deadlines.runs(grant, dueMicros, record, verified);
    if (moved != null) {
      armForItsInstant(moved);
    }
  }

  /** A record, which is kept, says that the grant has no such instant any more. */
  synchronized void ended(UUID grant, long record, boolean verified) {
    deadlines.ended(grant, record, verified);
  }

  /** A record, which is kept, announces an instant; returns whether it is known already. */
  synchronized boolean announced(UUID grant, long dueMicros, long record, boolean verified) {
    boolean again = deadlines.isAnnounced(grant, dueMicros);
    deadlines.announced(grant, dueMicros, record, verified);
    return again;
  }

  synchronized boolean isKnown(UUID grant) {
    return deadlines.isKnown(grant);
  }

  synchronized boolean isEcho(UUID grant) {
    return deadlines.isEcho(grant);
  }

  synchronized void verified(UUID grant, long record, boolean good) {
    deadlines.verified(grant, record, good);
  }

  synchronized void forgetWithoutLease() {
    deadlines.forgetWithoutLease();
  }

  synchronized void forgetWithoutLease(UUID grant) {
    deadlines.forgetWithoutLease(grant);
  }

  /**
   * What to do about a timer that rang. A {@link Step.Wait} is done already; what fires counts as
   * on its way from here on, and nothing else fires it from this replica.
   */
  synchronized Step next(Deadline d, long nowMicros) {
    Step step = deadlines.next(d, nowMicros, staggerMicros);
    switch (step) {
      case Step.Wait w -> arm(d, w.untilMicros());
      case Step.Fire f -> deadlines.sent(d, true);
      case Step.Verify v -> {}
      case Step.Silence s -> {}
    }
    return step;
  }

  /** It did not get to the log: rings again at this time. */
  synchronized void again(Deadline d, long micros) {
    deadlines.sent(d, false);
    arm(d, micros);
  }

  /** It is on the log, or is left out for good. */
  synchronized void acknowledged(Deadline d, long dueMicros, boolean echoComes) {
    deadlines.acknowledged(d, dueMicros, echoComes);
  }

  /** The time was stepped: every timer is set anew. */
  synchronized void armAll() {
    deadlines.forEach(this::armForItsInstant);
  }

  synchronized int size() {
    return deadlines.size();
  }

  // Copies references only: what falls due meanwhile waits for the lock.
  synchronized List<Deadline> all() {
    List<Deadline> all = new ArrayList<>(deadlines.size());
    deadlines.forEach(all::add);
    return all;
  }

  synchronized long ringMicros(Deadline d) {
    return d.ringMicros();
  }

  synchronized OptionalLong unverified(Deadline d) {
    return Deadlines.unverified(d);
  }
}
