package io.postern.expiry.domain;

/**
 * What time it is, so that no single clock that is wrong can end a grant early or keep it open: the
 * median of three, where one is this host's wall clock, one the broker's (from the append times of
 * our own probes), and one our own time carried forward by the monotonic clock. A step that only
 * one of them makes changes nothing; a step that two agree on is followed. Small differences are
 * followed slowly, never backwards. Pure: readings are arguments. Not safe for use by several
 * threads.
 */
public final class ClockGuard {

  /** What can be said of the clocks. */
  public enum State {
    /** The broker has not been heard yet: nothing may be fired. */
    UNKNOWN,
    /** The clocks agree. */
    STEADY,
    /** The host's clock has stepped; the broker is to be asked. */
    QUESTIONED,
    /**
     * One clock is off by more than is tolerated: time goes on by the other two; somebody must
     * look.
     */
    DISAGREEING
  }

  private static final long NANOS_PER_MICRO = 1_000;
  // The broker's append time is cut to milliseconds.
  private static final long BROKER_GRAIN_MICROS = 1_000;
  // At most this part of the time that passes is added or left out to follow the host: ten times
  // what a time daemon slews.
  private static final long SLEW_PARTS = 200;

  private final long stepMicros;
  private final long toleranceMicros;
  private long micros;
  private long nanos;
  private State state = State.UNKNOWN;
  private long steps;

  /**
   * @param stepMicros a difference of host and monotonic clock beyond which the broker is asked
   * @param toleranceMicros a difference between host and broker beyond which it is an alarm
   */
  public ClockGuard(long stepMicros, long toleranceMicros, long wallMicros, long nanos) {
    this.stepMicros = stepMicros;
    this.toleranceMicros = toleranceMicros;
    this.micros = wallMicros;
    this.nanos = nanos;
  }

  /**
   * The time, in microseconds since 1970. Goes on with the monotonic clock whatever the wall says.
   *
   * @param wallMicros the host's wall clock
   * @param atNanos the monotonic clock at the same moment
   */
  public long now(long wallMicros, long atNanos) {
    long elapsed = Math.max(0, (atNanos - nanos) / NANOS_PER_MICRO);
    nanos += elapsed * NANOS_PER_MICRO;
    micros += elapsed;
    long off = wallMicros - micros;
    if (Math.abs(off) > stepMicros) {
      if (state == State.STEADY) {
        state = State.QUESTIONED;
      }
    } else {
      long most = elapsed / SLEW_PARTS;
      micros += Math.max(-most, Math.min(most, off));
      if (state == State.QUESTIONED) {
        state = State.STEADY;
      }
    }
    return micros;
  }

  /**
   * What the broker's clock said at some moment between two readings of ours.
   *
   * @param brokerMillis append time of the probe
   * @param sentNanos monotonic clock before the probe was sent
   * @param ackNanos monotonic clock when it was acknowledged
   * @param wallMicros the wall clock now
   * @param atNanos the monotonic clock now
   * @return by how many microseconds time stepped; 0 when it goes on as it did
   */
  public long broker(
      long brokerMillis, long sentNanos, long ackNanos, long wallMicros, long atNanos) {
    long carried = now(wallMicros, atNanos);
    long since = (atNanos - ackNanos) / NANOS_PER_MICRO;
    long low = brokerMillis * 1_000 + since;
    long high = low + BROKER_GRAIN_MICROS + (ackNanos - sentNanos) / NANOS_PER_MICRO;
    if (state == State.UNKNOWN) {
      // Of two clocks the slower: late is safe, early is not.
      micros = Math.min(wallMicros, high);
      state = judge(wallMicros, low, high);
      return micros - carried;
    }
    long broker = Math.max(low, Math.min(high, carried));
    long median = median(carried, wallMicros, broker);
    long step = Math.abs(median - carried) <= stepMicros ? 0 : median - carried;
    if (step != 0) {
      micros = median;
      steps++;
    }
    state = judge(wallMicros, low, high);
    return step;
  }

  private State judge(long wall, long low, long high) {
    boolean wallOff = Math.abs(wall - micros) > toleranceMicros;
    boolean hostAgainstBroker = wall < low - toleranceMicros || wall > high + toleranceMicros;
    return wallOff || hostAgainstBroker ? State.DISAGREEING : State.STEADY;
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  public State state() {
    return state;
  }

  /** How often time was stepped because two clocks agreed on it. */
  public long steps() {
    return steps;
  }
}
