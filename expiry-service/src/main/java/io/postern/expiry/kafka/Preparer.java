package io.postern.expiry.kafka;

import io.postern.expiry.domain.Deadlines.Step;
import io.postern.expiry.domain.Pace;
import io.postern.expiry.domain.ReadyAhead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes announcements ready a moment before they are due, verified, written and signed, so that at
 * the instant nothing is left but to send them. A convenience: what it does not come to is written
 * when it is due, and what changes meanwhile is thrown away.
 */
final class Preparer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Preparer.class);
  private static final long MARGIN_MICROS = Duration.ofMillis(100).toNanos() / 1_000;
  // Five times what it took in profiles of storms of 100,000: a machine may have more to do.
  private static final long COST_MICROS = 25;
  // Whoever fires needs the processor at its instant, and would wait for a batch of 512 some 4 ms:
  // the work is done in pieces of a tenth of one. For each announcement twice the time that it
  // takes on a warm machine, half of what is reckoned with: for writing it, and for each of the
  // two pieces of work that signing it with others is.
  private static final long WRITING_NANOS = 12_000;
  private static final long SIGNING_NANOS = 1_500;
  private static final long LEAST_REST_NANOS = 50_000;
  private static final long IDLE_MILLIS = 20;
  private static final int BATCH = 512;
  // Some 1.5 KB each, reckoned from its parts.
  private static final int MOST_READY = 1 << 17;

  /** What will ring, and the lease that it is written from. */
  private record Soon(Wheel.Ring ring, long record, LeaseReader.Content lease) {
    long dueMicros() {
      return ring.timers().kind().dueMicros(lease);
    }

    Composer.Draft draft() {
      return new Composer.Draft(ring.timers().kind(), lease, Kind.instant(dueMicros()));
    }

    void keep(ProducerRecord<byte[], byte[]> written) {
      ring.timers().keep(ring, new Prepared(record, dueMicros(), lease.endMicros(), written));
    }
  }

  private final Composer composer;
  private final Verifier verifier;
  private final TrustedTime time;
  private final Wheel wheel;
  private final LongConsumer resting;
  private final Pace writing = new Pace(WRITING_NANOS, LEAST_REST_NANOS);
  private final Pace signing = new Pace(SIGNING_NANOS, LEAST_REST_NANOS);
  private final ReadyAhead<Wheel.Ring> ahead = new ReadyAhead<>(MARGIN_MICROS, COST_MICROS);
  private final Thread thread = new Thread(this::prepareAhead, "expiry-preparing");
  private volatile boolean closed;

  /**
   * @param resting rests so many nanoseconds; none when it is 0
   */
  Preparer(
      Composer composer, Verifier verifier, TrustedTime time, Wheel wheel, LongConsumer resting) {
    this.resting = resting;
    this.composer = composer;
    this.verifier = verifier;
    this.time = time;
    this.wheel = wheel;
    thread.setDaemon(true);
  }

  /** Begins with what is told of by now. */
  void start() {
    thread.start();
  }

  private void prepareAhead() {
    List<Wheel.Ring> told = new ArrayList<>();
    while (!closed) {
      try {
        if (ahead.size() == 0) {
          wheel.takeSoon(told);
        } else {
          wheel.drainSoon(told);
        }
        told.forEach(r -> ahead.add(r.atMicros(), r));
        told.clear();
        List<Wheel.Ring> batch = ahead.take(time.micros(), BATCH);
        if (batch.isEmpty()) {
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        } else if (wheel.ready() < MOST_READY) {
          prepare(batch);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!closed) {
          LOGGER
              .atWarn()
              .setCause(e)
              .log("announcements could not be made ready; each will be when it is due");
        }
      }
    }
  }

  void prepare(List<Wheel.Ring> batch) {
    List<Soon> all = new ArrayList<>(batch.size());
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(batch.size());
    writing.begin(time.nanos());
    for (Wheel.Ring ring : batch) {
      Step step = verifier.settle(ring.deadline().grant(), () -> ring.timers().foresee(ring));
      if (step instanceof Step.Fire fire) {
        LeaseReader.Content lease = composer.lease(fire.record());
        if (lease != null) {
          Soon soon = new Soon(ring, fire.record(), lease);
          records.add(composer.unsigned(soon.draft()));
          all.add(soon);
        }
      }
      rest(writing);
    }
    signing.begin(time.nanos());
    composer.sign(records, () -> rest(signing));
    for (int i = 0; i < records.size(); i++) {
      all.get(i).keep(records.get(i));
    }
  }

  private void rest(Pace pace) {
    resting.accept(pace.rest(time.nanos()));
  }

  @Override
  public void close() {
    closed = true;
    Threads.stop(thread);
  }
}
