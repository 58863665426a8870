package io.postern.request.web;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what the log is about to say. */
public final class Waiting {
  /** How long a caller is kept waiting for his own change to be in force. */
  private static final Duration IN_FORCE = Duration.ofSeconds(5);

  private Waiting() {}

  /** Waits for a change to be in force; whether it is. */
  public static boolean until(BooleanSupplier condition) {
    return until(IN_FORCE, condition);
  }

  /** Waits for so long at most; whether the condition holds. */
  public static boolean until(Duration most, BooleanSupplier condition) {
    Instant limit = Instant.now().plus(most);
    try {
      while (!condition.getAsBoolean()) {
        if (Instant.now().isAfter(limit)) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
