package io.postern.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;

/** Durations as people type them. */
public final class Durations {
  private Durations() {}

  /**
   * Reads {@code 15m}, {@code 1h30m}, {@code 90s} or {@code PT15M}.
   *
   * @throws CliException when it is none of these, or not longer than zero
   */
  public static Duration parse(String text) {
    String upper = text.strip().toUpperCase(Locale.ROOT);
    try {
      Duration duration = Duration.parse(upper.startsWith("P") ? upper : "PT" + upper);
      if (duration.isPositive()) {
        return duration;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw new CliException(Exit.USAGE, "a duration is written 15m, 1h30m or PT15M, given: " + text);
  }
}
