package io.postern.quickstart;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Shows steps as they happen, each with its proof and its time, and stops at the first that fails.
 */
final class Steps {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  /** What was found: whether the step holds, and by what one can see it. */
  record Proof(boolean holds, String text) {}

  /** Looks whether a step holds. */
  interface Look {
    Proof look() throws IOException, InterruptedException;
  }

  private final Console console;

  Steps(Console console) {
    this.console = console;
  }

  void heading(String text) {
    console.heading(text);
  }

  /** A step that must hold now. */
  void now(String cloud, String what, Look look)
      throws IOException, InterruptedException, StepFailed {
    Instant begin = Instant.now();
    finish(cloud, what, look.look(), begin);
  }

  /** A step that must come to hold within a limit. */
  void soon(String cloud, String what, Look look)
      throws IOException, InterruptedException, StepFailed {
    Instant begin = Instant.now();
    Proof proof = look.look();
    while (!proof.holds() && Instant.now().isBefore(begin.plus(LIMIT))) {
      TimeUnit.MILLISECONDS.sleep(20);
      proof = look.look();
    }
    finish(cloud, what, proof, begin);
  }

  private void finish(String cloud, String what, Proof proof, Instant begin) throws StepFailed {
    console.step(cloud, what, proof.text(), proof.holds(), Duration.between(begin, Instant.now()));
    if (!proof.holds()) {
      throw new StepFailed(cloud + ": " + what);
    }
  }
}
