package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies what the log held at the start a while before it is due, so that a storm meets leases
 * that are verified already. A convenience: what it does not come to is verified when it is due.
 */
final class Lookout implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Lookout.class);
  private static final long HORIZON_MICROS = Duration.ofMinutes(1).toNanos() / 1_000;
  private static final long IDLE_MILLIS = 100;

  private record Ahead(long ringMicros, Deadline deadline, Timers timers) {}

  private final List<Timers> all;
  private final TrustedTime time;
  private final Verifier verifier;
  private final Thread thread = new Thread(this::verifyAhead, "expiry-lookout");
  private volatile boolean closed;

  Lookout(List<Timers> all, TrustedTime time, Verifier verifier) {
    this.all = all;
    this.time = time;
    this.verifier = verifier;
    thread.setDaemon(true);
  }

  /** Begins with what is known now. */
  void start() {
    thread.start();
  }

  private void verifyAhead() {
    try {
      for (Ahead next : inOrder()) {
        while (next.timers().ringMicros(next.deadline()) > time.micros() + HORIZON_MICROS) {
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        }
        OptionalLong record = next.timers().unverified(next.deadline());
        if (record.isPresent()) {
          verifier.verify(next.deadline().grant(), record.getAsLong());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!closed) {
        LOGGER
            .atWarn()
            .setCause(e)
            .log("no leases are verified ahead; each will be when it is due");
      }
    }
  }

  // An instant that moves meanwhile costs a verification too early or too late, no more.
  private List<Ahead> inOrder() {
    List<Ahead> order = new ArrayList<>();
    for (Timers timers : all) {
      timers.all().forEach(d -> order.add(new Ahead(d.ringMicros(), d, timers)));
    }
    order.sort(Comparator.comparingLong(Ahead::ringMicros));
    return order;
  }

  @Override
  public void close() {
    closed = true;
    Threads.stop(thread);
  }
}
