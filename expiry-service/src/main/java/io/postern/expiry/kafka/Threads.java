package io.postern.expiry.kafka;

import java.time.Duration;

/** Ends threads of our own. */
final class Threads {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Threads() {}

  /** Interrupts it and waits a while until it is gone; one that was not started is gone. */
  static void stop(Thread thread) {
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
