package io.postern.expiry.kafka;

import io.postern.expiry.domain.ClockGuard;
import io.postern.expiry.domain.Deadlines.Step;
import io.postern.expiry.domain.DueQueue;
import io.postern.expiry.domain.OwnRecords;
import io.postern.expiry.domain.Turn;
import io.postern.log.RegistryException;
import io.postern.log.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces what rang, in batches under one signature, ends before reminders. One thread fires; the
 * producer's tells what reached the log.
 */
final class Announcer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Announcer.class);
  private static final long RETRY_MICROS = Duration.ofSeconds(1).toNanos() / 1_000;
  private static final long SILENT_BROKER = Duration.ofMillis(250).toNanos();
  private static final long IDLE_MILLIS = 100;
  private static final int BATCH = 512;
  // Beyond so many that the broker has not acknowledged, the rest waits here, where an event of
  // another replica can still silence it.
  private static final int MOST_IN_FLIGHT = 32 * BATCH;
  private static final int STORM = 2 * BATCH;
  // Some 40 bytes each.
  private static final int MOST_LANDED = 1 << 17;

  /** What is announced; its record is there already, or is to be written from the lease. */
  private record Firing(
      Wheel.Ring ring,
      long dueMicros,
      @Nullable ProducerRecord<byte[], byte[]> record,
      LeaseReader.@Nullable Content lease) {
    Kind kind() {
      return ring.timers().kind();
    }
  }

  /** What is on the log, and when it was appended. */
  private record Landed(Wheel.Ring ring, long dueMicros, long logMillis) {}

  private final Producer<byte[], byte[]> producer;
  private final Composer composer;
  private final Verifier verifier;
  private final Wheel wheel;
  private final TrustedTime time;
  private final BrokerClock brokerClock;
  private final OwnRecords own;
  private final ExpiryMetrics metrics;
  private final Turn turn;
  private final BooleanSupplier armed;
  private final DueQueue<Wheel.Ring> ends = new DueQueue<>();
  private final DueQueue<Wheel.Ring> reminders = new DueQueue<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  // What is noted of each is nothing that its successor waits for: a storm is sent first.
  private final LinkedBlockingQueue<Landed> landed = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::announceWhatRings, "expiry-firing");
  private volatile long progressNanos = System.nanoTime();
  // Touched by the firing thread only. A start is like the end of an outage.
  private boolean stalled = true;
  private long resumeNanos = System.nanoTime();
  private volatile boolean closed;

  /**
   * @param own told where on the log each announcement stands
   * @param armed whether every timer is set; before, nothing is announced
   * @param turn how long this replica waits for others to go first
   */
  Announcer(
      Composer composer,
      Producer<byte[], byte[]> producer,
      Verifier verifier,
      Wheel wheel,
      TrustedTime time,
      BrokerClock brokerClock,
      OwnRecords own,
      ExpiryMetrics metrics,
      Turn turn,
      BooleanSupplier armed) {
    this.composer = composer;
    this.producer = producer;
    this.verifier = verifier;
    this.wheel = wheel;
    this.time = time;
    this.brokerClock = brokerClock;
    this.own = own;
    this.metrics = metrics;
    this.turn = turn;
    this.armed = armed;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  // The first of everything takes some half a second in a JVM that has just started, in which
  // whatever falls due would wait.
  private void rehearse() {
    try {
      composer.rehearse(Kind.instant(time.micros()));
      producer.partitionsFor(Topics.EXPIRATIONS.name());
    } catch (RuntimeException e) {
      LOGGER.atDebug().setCause(e).log("nothing could be rehearsed, the first takes longer");
    }
  }

  private void announceWhatRings() {
    rehearse();
    List<Wheel.Ring> rung = new ArrayList<>();
    while (!closed) {
      try {
        boolean busy = ends.size() + reminders.size() > 0;
        if (!busy || landed.size() > MOST_LANDED) {
          noteLanded();
        }
        wheel.takeRung(rung, busy || !landed.isEmpty() ? 0 : IDLE_MILLIS);
        rung.forEach(r -> (r.timers().kind() == Kind.END ? ends : reminders).add(r));
        rung.clear();
        if (time.isQuestioned()) {
          brokerClock.ask();
        }
        if (ends.size() + reminders.size() == 0) {
          continue;
        }
        if (!armed.getAsBoolean() || time.state() == ClockGuard.State.UNKNOWN || isHeldBack()) {
          TimeUnit.MILLISECONDS.sleep(1);
          continue;
        }
        announce((ends.size() > 0 ? ends : reminders).take(BATCH));
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!closed) {
          LOGGER.atError().setCause(e).log("a batch could not be fired, going on with the next");
        }
      }
    }
  }

  // While the broker does not answer, nothing is piled up behind what it has not taken: both
  // replicas would send all of it when it is back. Then each waits its stagger anew, so that the
  // first speaks and the others hear it.
  private boolean isHeldBack() {
    long now = time.nanos();
    int out = inFlight.get();
    if (out > 0 && now - progressNanos > SILENT_BROKER) {
      stalled = true;
      return true;
    }
    if (stalled) {
      stalled = false;
      resumeNanos = now + turn.ownMicros() * 1_000;
    }
    return now - resumeNanos < 0 || out > MOST_IN_FLIGHT - BATCH;
  }

  void announce(List<Wheel.Ring> batch) {
    List<Firing> ready = new ArrayList<>(batch.size());
    long now = time.micros();
    for (Wheel.Ring ring : batch) {
      try {
        settle(ring, now).ifPresent(ready::add);
      } catch (RuntimeException e) {
        LOGGER
            .atWarn()
            .addKeyValue("grantId", ring.deadline().grant())
            .setCause(e)
            .log("looking again later");
        again(ring);
      }
    }
    if (ready.isEmpty()) {
      return;
    }
    List<ProducerRecord<byte[], byte[]>> written;
    try {
      written = write(ready);
    } catch (RegistryException e) {
      LOGGER.atWarn().setCause(e).log("announcements could not be written, trying again");
      ready.forEach(f -> again(f.ring()));
      return;
    }
    for (int i = 0; i < ready.size(); i++) {
      send(ready.get(i), written.get(i));
    }
  }

  private Optional<Firing> settle(Wheel.Ring ring, long now) {
    Timers timers = ring.timers();
    Step step = verifier.settle(ring.deadline().grant(), () -> timers.next(ring.deadline(), now));
    Prepared ready = timers.spend(ring);
    if (!(step instanceof Step.Fire fire)) {
      return Optional.empty();
    }
    if (ready != null && ready.isGoodFor(fire.record(), now)) {
      return unlessStale(
          new Firing(ring, ready.dueMicros(), ready.record(), null), ready.endMicros(), now);
    }
    LeaseReader.Content lease = composer.lease(fire.record());
    return lease == null
        ? Optional.empty()
        : unlessStale(
            new Firing(ring, timers.kind().dueMicros(lease), null, lease), lease.endMicros(), now);
  }

  private static Optional<Firing> unlessStale(Firing f, long endMicros, long now) {
    if (f.kind().isStale(endMicros, now)) {
      f.ring().timers().acknowledged(f.ring().deadline(), f.dueMicros());
      return Optional.empty();
    }
    return Optional.of(f);
  }

  /** A record for each, in order; most are there already. */
  private List<ProducerRecord<byte[], byte[]>> write(List<Firing> ready) {
    Instant now = Kind.instant(time.micros());
    List<Composer.Draft> drafts = new ArrayList<>();
    for (Firing f : ready) {
      if (f.lease() != null) {
        drafts.add(new Composer.Draft(f.kind(), f.lease(), now));
      }
    }
    Iterator<ProducerRecord<byte[], byte[]>> written = composer.write(drafts).iterator();
    return ready.stream().map(f -> f.record() == null ? written.next() : f.record()).toList();
  }

  // A producer that refuses one tells it nobody else: it would count as on its way for ever, and
  // hold back all that follow.
  private void send(Firing f, ProducerRecord<byte[], byte[]> record) {
    if (inFlight.getAndIncrement() == 0) {
      progressNanos = time.nanos();
    }
    try {
      producer.send(record, (meta, e) -> answered(f, meta, e));
    } catch (KafkaException | IllegalStateException e) {
      answered(f, null, e);
    }
  }

  private void answered(Firing f, @Nullable RecordMetadata meta, @Nullable Exception e) {
    progressNanos = time.nanos();
    inFlight.decrementAndGet();
    if (e == null && meta != null) {
      own.add(meta.partition(), meta.offset());
      landed.add(new Landed(f.ring(), f.dueMicros(), meta.timestamp()));
    } else {
      LOGGER
          .atWarn()
          .addKeyValue("grantId", f.ring().deadline().grant())
          .setCause(e)
          .log("an announcement did not reach the log, trying again");
      again(f.ring());
    }
  }

  private void noteLanded() {
    List<Landed> some = new ArrayList<>();
    landed.drainTo(some, BATCH);
    for (Landed l : some) {
      Timers timers = l.ring().timers();
      timers.acknowledged(l.ring().deadline(), l.dueMicros());
      metrics.onTopic(timers.kind(), l.logMillis(), l.dueMicros());
    }
  }

  /** How many announcements the broker has not acknowledged. */
  int onTheirWay() {
    return inFlight.get();
  }

  /**
   * Whether so many are on their way, and nobody goes first, that it can wait what others say: it
   * would be known to us, or too late.
   */
  boolean isInAStorm() {
    return turn.isFirst() && inFlight.get() > STORM;
  }

  private void again(Wheel.Ring ring) {
    ring.timers().again(ring.deadline(), time.micros() + RETRY_MICROS);
  }

  @Override
  public void close() {
    closed = true;
    Threads.stop(thread);
  }
}
