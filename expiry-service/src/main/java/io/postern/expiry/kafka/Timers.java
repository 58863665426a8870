package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import io.postern.expiry.domain.Deadlines;
import io.postern.expiry.domain.Deadlines.Step;
import io.postern.expiry.domain.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The instants of one kind, each with its timer on the wheel. Safe for use by many threads. */
final class Timers {
  private final Kind kind;
  private final Wheel wheel;
  private final Spill spill;
  private final Turn turn;
  private final Deadlines deadlines = new Deadlines(this::release, Timers::cancel);

  /**
   * @param turn how long this replica waits for others to go first; where it waits, nothing is made
   *     ready
   */
  Timers(Kind kind, Wheel wheel, Spill spill, Turn turn) {
    this.kind = kind;
    this.wheel = wheel;
    this.spill = spill;
    this.turn = turn;
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
    if (deadline.timer() instanceof Wheel.Ring ring) {
      ring.cancel();
      ring.spend();
      deadline.timer(null);
    }
  }

  // With the lock only.
  private void arm(Deadline deadline, long micros) {
    cancel(deadline);
    if (deadline.ringMicros() == Long.MAX_VALUE) {
      return;
    }
    Wheel.Ring ring = wheel.timer(this, deadline, micros);
    deadline.timer(ring);
    wheel.set(ring);
  }

  /** Its time is near: whoever fires waits for it, and it can be made ready. */
  synchronized void isNear(Wheel.Ring ring) {
    if (ring.deadline().timer() != ring) {
      return;
    }
    wheel.near(ring);
    if (waitMicros(ring.deadline()) == 0) {
      wheel.soon(ring);
    }
  }

  private void armForItsInstant(Deadline deadline) {
    arm(deadline, deadline.ringMicros() + waitMicros(deadline));
  }

  private long waitMicros(Deadline deadline) {
    return turn.waitMicros(deadline.ringMicros());
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

  /**
   * What is known of an announcement that was read.
   *
   * @param again whether its instant was announced before
   * @param withoutLease whether its lease may follow and was not read yet
   */
  record Heard(boolean again, boolean withoutLease) {}

  /**
   * A record, which is kept, announces an instant.
   *
   * @param leaseMayFollow whether its lease, if none is known, may be read yet
   */
  synchronized Heard announced(UUID grant, long dueMicros, long record, boolean leaseMayFollow) {
    boolean again = deadlines.isAnnounced(grant, dueMicros);
    deadlines.announced(grant, dueMicros, record, false);
    return new Heard(again, leaseMayFollow && deadlines.leaseMayFollow(grant));
  }

  synchronized boolean isKnown(UUID grant) {
    return deadlines.isKnown(grant);
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
    Step step = deadlines.next(d, nowMicros, waitMicros(d));
    switch (step) {
      case Step.Wait w -> arm(d, w.untilMicros());
      case Step.Fire f -> deadlines.sent(d, true);
      case Step.Verify v -> {}
      case Step.Silence s -> {}
    }
    return step;
  }

  /** What there will be to do when this timer rings, as far as is known now. */
  synchronized Step foresee(Wheel.Ring ring) {
    Deadline d = ring.deadline();
    return d.timer() == ring
        ? deadlines.next(d, ring.atMicros(), waitMicros(d))
        : new Step.Silence();
  }

  /** Keeps what was made ready for this timer, if it is still the one that will ring. */
  synchronized void keep(Wheel.Ring ring, Prepared announcement) {
    if (ring.deadline().timer() == ring) {
      ring.keep(announcement);
    }
  }

  /** What was made ready for this timer, once. */
  synchronized @Nullable Prepared spend(Wheel.Ring ring) {
    return ring.spend();
  }

  /** It did not get to the log: rings again at this time. */
  synchronized void again(Deadline d, long micros) {
    deadlines.sent(d, false);
    arm(d, micros);
  }

  /** It is on the log, or is left out for good. */
  synchronized void acknowledged(Deadline d, long dueMicros) {
    deadlines.acknowledged(d, dueMicros);
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
