package io.postern.expiry.kafka;

import io.postern.expiry.domain.Turn;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a replica behaves.
 *
 * @param replica this replica's number, from 0
 * @param stagger how long each further replica waits for the one before it
 * @param clockStep a step of the host's clock beyond which the broker's is asked
 * @param clockTolerance a difference between host's and broker's clock beyond which it is an alarm
 * @param spill directory for the leases' bytes, a cache of the log
 */
public record ExpirySettings(
    int replica, Duration stagger, Duration clockStep, Duration clockTolerance, Path spill) {
  public static final Duration CLOCK_STEP = Duration.ofMillis(50);
  public static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(1);

  /** With the defaults for clocks, and the system's directory for temporary files. */
  public static ExpirySettings of(int replica, Duration stagger) {
    return new ExpirySettings(
        replica,
        stagger,
        CLOCK_STEP,
        CLOCK_TOLERANCE,
        Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
  }

  Turn turn() {
    return new Turn(replica, stagger.toNanos() / 1_000);
  }
}
