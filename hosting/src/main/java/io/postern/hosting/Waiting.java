package io.postern.hosting;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what a service needs, for as long as it takes: a line when it begins, whenever the
 * reason changes and once a minute, and one when it is over.
 */
final class Waiting {
  private static final Logger LOGGER = LoggerFactory.getLogger(Waiting.class);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration REPEAT = Duration.ofMinutes(1);

  private Waiting() {}

  /**
   * Returns once everything is there, one after the other.
   *
   * @throws IllegalStateException when something is there and can never fit
   */
  static void forAll(List<Need> needs, Progress progress) throws InterruptedException {
    for (Need need : needs) {
      await(need, progress);
    }
  }

  private static void await(Need need, Progress progress) throws InterruptedException {
    String said = "";
    long saidAt = System.nanoTime();
    long begin = saidAt;
    progress.waits(need.name());
    Optional<String> missing = need.missing();
    while (missing.isPresent()) {
      String why = missing.get();
      if (!why.equals(said) || System.nanoTime() - saidAt > REPEAT.toNanos()) {
        LOGGER.atInfo().addKeyValue("why", why).log("waiting for {}: {}", need.name(), why);
        progress.waits(need.name() + ": " + why);
        said = why;
        saidAt = System.nanoTime();
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      missing = need.missing();
    }
    if (!said.isEmpty()) {
      LOGGER
          .atInfo()
          .addKeyValue("waitedMillis", (System.nanoTime() - begin) / 1_000_000)
          .log("{} is there", need.name());
    }
  }
}
