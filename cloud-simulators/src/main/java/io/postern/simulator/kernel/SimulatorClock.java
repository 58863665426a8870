package io.postern.simulator.kernel;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The simulator's time: the host's, moved by an offset, or standing still until somebody advances
 * it. Throttling buckets and asynchronous operations go by it, so a test can let minutes pass.
 */
public final class SimulatorClock {
  private final Clock host;
  private Duration offset = Duration.ZERO;
  private boolean frozen;
  private Instant frozenAt = Instant.EPOCH;

  public SimulatorClock(Clock host) {
    this.host = host;
  }

  public synchronized Instant now() {
    return frozen ? frozenAt : host.instant().plus(offset);
  }

  /** Moves the time forward; works on a running and on a standing clock. */
  public synchronized void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("the clock does not go backwards: " + by);
    }
    if (frozen) {
      frozenAt = frozenAt.plus(by);
    } else {
      offset = offset.plus(by);
    }
  }

  /** Stops the clock where it is; only {@link #advance} moves it from now on. */
  public synchronized void freeze() {
    frozenAt = now();
    frozen = true;
  }

  /** Lets the clock run again from where it stands. */
  public synchronized void run() {
    if (frozen) {
      offset = Duration.between(host.instant(), frozenAt);
      frozen = false;
    }
  }
}
