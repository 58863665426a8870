package io.postern.hosting;

import java.util.function.BooleanSupplier;

/** How far a starting service has come; safe for use by many threads. */
public final class Progress {
  private volatile String waitingFor = "the start";
  private volatile BooleanSupplier ready = () -> false;

  /** It waits, for what the text says. */
  void waits(String what) {
    waitingFor = what;
  }

  /** It runs; from now on it is asked itself. */
  void runs(BooleanSupplier isReady) {
    waitingFor = "the end of the log";
    ready = isReady;
  }

  /** Whether the service does its work. */
  boolean isReady() {
    return ready.getAsBoolean();
  }

  /** What it waits for while it is not ready. */
  String waitingFor() {
    return waitingFor;
  }
}
