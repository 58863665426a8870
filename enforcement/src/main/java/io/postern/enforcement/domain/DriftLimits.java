package io.postern.enforcement.domain;

import java.time.Duration;

/**
 * How long a fight over the same grant is fought. What closes is put right for ever; a grant that a
 * foreign hand closes is opened again this often within this time, then it stays closed.
 *
 * @param reopenings 0 closes a grant at the first foreign hand
 */
public record DriftLimits(int reopenings, Duration within) {

  /** Three times in ten minutes. */
  public static final DriftLimits DEFAULT = new DriftLimits(3, Duration.ofMinutes(10));

  public DriftLimits {
    if (reopenings < 0 || within.isNegative() || within.isZero()) {
      throw new IllegalArgumentException("reopenings must not be negative, the time not zero");
    }
  }
}
