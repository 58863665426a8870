package io.postern.expiry.kafka;

import io.postern.expiry.domain.ClockGuard;
import java.time.Clock;
import java.util.function.LongSupplier;

/** The clocks of this host behind a {@link ClockGuard}. Safe for use by many threads. */
final class TrustedTime {
  private final Clock wall;
  private final LongSupplier nanos;
  private final ClockGuard guard;

  TrustedTime(ExpirySettings settings, Clock wall, LongSupplier nanos) {
    this.wall = wall;
    this.nanos = nanos;
    this.guard =
        new ClockGuard(
            settings.clockStep().toNanos() / 1_000,
            settings.clockTolerance().toNanos() / 1_000,
            LeaseReader.micros(wall.instant()),
            nanos.getAsLong());
  }

  /** Microseconds since 1970. */
  synchronized long micros() {
    return guard.now(LeaseReader.micros(wall.instant()), nanos.getAsLong());
  }

  /** The tick of the monotonic clock, in whole milliseconds, at which that time has come. */
  synchronized long tickOf(long micros) {
    long now = nanos.getAsLong();
    long left = micros - guard.now(LeaseReader.micros(wall.instant()), now);
    return Math.ceilDiv(now + Math.multiplyExact(Math.max(0, left), 1_000L), 1_000_000L);
  }

  synchronized long probed(long brokerMillis, long sentNanos, long ackNanos) {
    return guard.broker(
        brokerMillis, sentNanos, ackNanos, LeaseReader.micros(wall.instant()), nanos.getAsLong());
  }

  long nanos() {
    return nanos.getAsLong();
  }

  synchronized ClockGuard.State state() {
    return guard.state();
  }

  /** Whether host and broker are to be compared, the host's clock looked at now. */
  boolean isUnsteady() {
    micros();
    return state() != ClockGuard.State.STEADY;
  }

  /** Whether the host's clock, looked at now, has made a step that nobody has confirmed yet. */
  boolean isQuestioned() {
    micros();
    return state() == ClockGuard.State.QUESTIONED;
  }

  synchronized long steps() {
    return guard.steps();
  }
}
