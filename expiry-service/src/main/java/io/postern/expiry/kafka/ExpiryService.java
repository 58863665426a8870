package io.postern.expiry.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.expiry.domain.ClockGuard;
import io.postern.expiry.domain.Deadline;
import io.postern.expiry.domain.Deadlines;
import io.postern.expiry.domain.Deadlines.Step;
import io.postern.expiry.domain.DueQueue;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.InvalidValueException;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.TimerTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * expiry-service on the log. Every replica holds every timer; replica k waits k staggers beyond the
 * end and keeps silent when the event is already there. Nothing is fired before the log has been
 * read to its end, so that a restart repeats nothing, nor before the broker's clock has been heard.
 *
 * <p>Threads: the tail reads, the wheel rings, one thread fires what rang, in batches under one
 * signature. What is read at the start is verified when it is about to matter; what comes later, at
 * once.
 */
public final class ExpiryService implements LogTail.Handler, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExpiryService.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration SILENT_BROKER = Duration.ofMillis(250);
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final Duration HORIZON = Duration.ofMinutes(1);
  private static final int BATCH = 512;
  // Beyond so many that the broker has not acknowledged, the rest waits here, where an event of
  // another replica can still silence it.
  private static final int MOST_IN_FLIGHT = 32 * BATCH;
  private static final long NO_RECORD = Deadlines.NONE;
  private static final int SCOPES_KEPT = 10_000;

  private record Firing(Deadline deadline, LeaseReader.Content lease) {}

  private final ExpirySettings settings;
  private final int partitions;
  private final EventCodec codec;
  private final LeaseReader reader;
  private final LeaseReader firingReader;
  private final Map<String, Scope> scopes = new HashMap<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final LogTail tail;
  private final SystemTimerReaper timer;
  private final TrustedTime time;
  private final BrokerClock brokerClock;
  private final Spill spill;
  private final ExpiryMetrics metrics;
  private final Deadlines deadlines;
  private final Object lock = new Object();
  private final LinkedBlockingQueue<Deadline> rang = new LinkedBlockingQueue<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Thread firing = new Thread(this::fireWhatRings, "expiry-firing");
  private final Thread lookout = new Thread(this::verifyAhead, "expiry-lookout");
  private volatile long progressNanos = System.nanoTime();
  // Touched by the firing thread only. A start is like the end of an outage.
  private boolean stalled = true;
  private long resumeNanos = System.nanoTime();
  private volatile boolean armed;
  private volatile boolean closed;

  /**
   * @param replica this replica's number, from 0
   * @param step how long each further replica waits for the one before it
   */
  public ExpiryService(LogConnection log, int replica, Duration step, Clock clock) {
    this(log, ExpirySettings.of(replica, step), clock, Metrics.globalRegistry);
  }

  public ExpiryService(
      LogConnection log, ExpirySettings settings, Clock clock, MeterRegistry registry) {
    this.settings = settings;
    this.partitions = log.partitions();
    this.codec = log.codec(Topics.EXPIRY_SERVICE, clock);
    this.reader = new LeaseReader(codec);
    this.firingReader = new LeaseReader(codec);
    var config = log.settings().producer(Topics.EXPIRY_SERVICE);
    config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, "262144");
    this.producer = new KafkaProducer<>(config);
    this.deadLetters = new DeadLetters(codec, producer);
    this.time = new TrustedTime(settings, clock, System::nanoTime);
    this.spill = new Spill(settings.spill());
    this.deadlines = new Deadlines(this::release, ExpiryService::cancel);
    this.timer = new SystemTimerReaper("expiry-reaper", new SystemTimer("expiry-timer"));
    this.metrics = new ExpiryMetrics(registry, this::timers, time);
    this.brokerClock =
        new BrokerClock(log.settings(), time, this::clockIsQuestioned, this::brokerSays);
    this.tail =
        new LogTail(
            Topics.EXPIRY_SERVICE,
            manyAtOnce(log.settings()),
            List.of(Topics.LEASES.name(), Topics.EXPIRATIONS.name()),
            this);
    firing.setDaemon(true);
    lookout.setDaemon(true);
  }

  // A start reads everything there is; what an operator has set wins.
  private static KafkaSettings manyAtOnce(KafkaSettings kafka) {
    Map<String, String> extra = new HashMap<>();
    extra.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
    extra.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "8388608");
    extra.putAll(kafka.extra());
    return new KafkaSettings(kafka.bootstrapServers(), extra);
  }

  /** Starts to follow the log; returns at once. */
  public void start() {
    brokerClock.start();
    tail.start();
    firing.start();
  }

  /** Whether every timer is armed, and the time is known. */
  public boolean isReady() {
    return tail.isCaughtUp() && time.state() != ClockGuard.State.UNKNOWN;
  }

  /** How many grants are known. */
  public int timers() {
    synchronized (lock) {
      return deadlines.size();
    }
  }

  // --- in: the tail's thread

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    try {
      if (topic == Topics.EXPIRATIONS) {
        expiration(record);
      } else {
        lease(record);
      }
    } catch (PoisonException e) {
      refuse(topic, record, e);
    } catch (InvalidValueException | ArithmeticException e) {
      refuse(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
  }

  private void refuse(Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    metrics.refused();
    deadLetters.send(topic, record, why);
  }

  private void expiration(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    if (record.value() == null) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "a tombstone");
    }
    if (isEcho(Headers.text(record.headers(), Headers.SUBJECT))) {
      return;
    }
    // The claim alone; its signature is looked at if its lease is still there when it is due.
    // Verifying each at once would let this replica fall behind the other and speak as well.
    UUID grant = GrantId.parse(expiredOf(record.value()).getGrantId()).value();
    synchronized (lock) {
      if (deadlines.isExpired(grant)) {
        metrics.doubled();
      }
      deadlines.expired(grant, keep(false, record), false);
    }
  }

  // What we put there ourselves comes back: nothing in it is believed, so nothing is verified.
  private boolean isEcho(@Nullable String subject) {
    if (subject == null || subject.length() != 36) {
      return false;
    }
    UUID grant = GrantId.parse(subject).value();
    synchronized (lock) {
      return deadlines.isEcho(grant);
    }
  }

  private AccessExpired expiredOf(byte[] value) throws PoisonException {
    if (codec.decodeVerified(value) instanceof AccessExpired e) {
      return e;
    }
    throw new PoisonException(PoisonException.Cause.UNEXPECTED_TYPE, "no AccessExpired");
  }

  private void lease(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    UUID grant = grantOf(record.key());
    boolean verify = armed;
    if (record.value() == null) {
      if (verify) {
        codec.checkTombstone(Topics.LEASES, record);
      }
      ended(grant, record, verify);
      return;
    }
    long end =
        verify
            ? LeaseReader.endMicros(checked(grant, codec.readFromWriter(Topics.LEASES, record)))
            : reader.endMicros(record.value());
    if (end == LeaseReader.ENDED) {
      ended(grant, record, verify);
      return;
    }
    synchronized (lock) {
      Deadline moved = deadlines.runs(grant, end, keep(true, record), verify);
      if (moved != null) {
        arm(moved, moved.ringMicros() + settings.staggerMicros());
      }
    }
  }

  private void ended(UUID grant, ConsumerRecord<byte[], byte[]> record, boolean verified) {
    synchronized (lock) {
      if (verified) {
        deadlines.ended(grant, NO_RECORD, true);
      } else if (deadlines.isKnown(grant)) {
        deadlines.ended(grant, keep(true, record), false);
      }
    }
  }

  private static UUID grantOf(byte @Nullable [] key) throws PoisonException {
    if (key == null || key.length < 36) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "the key names no grant");
    }
    String text = new String(key, key.length - 36, 36, StandardCharsets.UTF_8);
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "the key names no grant: " + text);
    }
  }

  private static Lease checked(UUID grant, Object event) throws PoisonException {
    Lease lease = (Lease) event;
    if (!GrantId.parse(lease.getGrantId()).value().equals(grant)) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "the key names another grant than the lease");
    }
    return lease;
  }

  private long keep(boolean lease, ConsumerRecord<byte[], byte[]> record) {
    var signature = record.headers().lastHeader(Headers.SIGNATURE);
    return spill.add(
        new Spill.Stored(
            lease,
            record.partition(),
            record.offset(),
            record.key() == null ? new byte[0] : record.key(),
            record.value(),
            signature == null ? null : signature.value()));
  }

  private void release(long record) {
    if (record != NO_RECORD) {
      spill.release(record);
    }
  }

  @Override
  public void onCaughtUp() {
    synchronized (lock) {
      deadlines.forgetWithoutLease();
      armed = true;
      LOGGER.atInfo().addKeyValue("timers", deadlines.size()).log("timers armed");
    }
    lookout.start();
  }

  // --- the clock

  private boolean clockIsQuestioned() {
    time.micros();
    return time.state() != ClockGuard.State.STEADY;
  }

  private void brokerSays(long brokerMillis, long sentNanos, long ackNanos) {
    ClockGuard.State before = time.state();
    long step = time.probed(brokerMillis, sentNanos, ackNanos);
    ClockGuard.State after = time.state();
    if (after == ClockGuard.State.DISAGREEING && before != after) {
      LOGGER
          .atError()
          .addKeyValue("brokerMillis", brokerMillis)
          .log("host and broker do not agree on the time; set the clocks right");
    }
    if (step != 0) {
      LOGGER.atWarn().addKeyValue("micros", step).log("the time was stepped");
      synchronized (lock) {
        deadlines.forEach(d -> arm(d, d.ringMicros() + settings.staggerMicros()));
      }
    }
  }

  // --- the wheel

  private final class Ring extends TimerTask {
    private final Deadline deadline;

    Ring(Deadline deadline, long delayMillis) {
      super(delayMillis);
      this.deadline = deadline;
    }

    @Override
    public void run() {
      rang.add(deadline);
    }
  }

  private static void cancel(Deadline deadline) {
    if (deadline.timer() instanceof TimerTask task) {
      task.cancel();
      deadline.timer(null);
    }
  }

  /** Sets the deadline's one timer. With the lock only. */
  private void arm(Deadline deadline, long micros) {
    cancel(deadline);
    if (deadline.ringMicros() == Long.MAX_VALUE) {
      return;
    }
    long delay = Math.max(0, time.tickOf(micros) - Time.SYSTEM.hiResClockMs());
    Ring ring = new Ring(deadline, delay);
    deadline.timer(ring);
    timer.add(ring);
  }

  // --- out: the firing thread

  private void fireWhatRings() {
    DueQueue<Deadline> due = new DueQueue<>();
    List<Deadline> news = new ArrayList<>();
    while (!closed) {
      try {
        Deadline first =
            due.size() > 0 ? rang.poll() : rang.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          due.add(first);
          rang.drainTo(news);
          news.forEach(due::add);
          news.clear();
        }
        if (clockIsQuestioned() && time.state() == ClockGuard.State.QUESTIONED) {
          brokerClock.ask();
        }
        if (due.size() == 0) {
          continue;
        }
        if (!armed || time.state() == ClockGuard.State.UNKNOWN || isHeldBack()) {
          TimeUnit.MILLISECONDS.sleep(1);
          continue;
        }
        fire(due.take(BATCH));
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
    if (out > 0 && now - progressNanos > SILENT_BROKER.toNanos()) {
      stalled = true;
      return true;
    }
    if (stalled) {
      stalled = false;
      resumeNanos = now + settings.staggerMicros() * 1_000;
    }
    return now - resumeNanos < 0 || out > MOST_IN_FLIGHT - BATCH;
  }

  private void fire(List<Deadline> batch) {
    List<Firing> ready = new ArrayList<>(batch.size());
    long now = time.micros();
    for (Deadline d : batch) {
      try {
        settle(d, now).ifPresent(ready::add);
      } catch (RuntimeException e) {
        LOGGER.atWarn().addKeyValue("grantId", d.grant()).setCause(e).log("looking again later");
        again(d);
      }
    }
    if (ready.isEmpty()) {
      return;
    }
    try {
      send(ready);
    } catch (RegistryException | KafkaException e) {
      LOGGER.atWarn().setCause(e).log("expirations could not be sent, trying again");
      ready.forEach(f -> again(f.deadline()));
    }
  }

  private Optional<Firing> settle(Deadline d, long now) {
    while (true) {
      Step step;
      synchronized (lock) {
        step = deadlines.next(d, now, settings.staggerMicros());
        switch (step) {
          case Step.Wait w -> arm(d, w.untilMicros());
          // From here on it is on its way; nothing else fires it from this replica.
          case Step.Fire f -> deadlines.sent(d, true);
          case Step.Verify v -> {}
          case Step.Silence s -> {}
        }
      }
      switch (step) {
        case Step.Verify v -> verify(d, v.record());
        case Step.Fire f -> {
          return Optional.ofNullable(contentOf(f.record())).map(c -> new Firing(d, c));
        }
        case Step.Wait w -> {
          return Optional.empty();
        }
        case Step.Silence s -> {
          return Optional.empty();
        }
      }
    }
  }

  // Null when another record took its place in this very moment; that one has its own timer.
  private LeaseReader.@Nullable Content contentOf(long record) {
    Spill.Stored stored = spill.get(record);
    if (stored == null || stored.value() == null) {
      return null;
    }
    try {
      return firingReader.content(stored.value());
    } catch (PoisonException e) {
      throw new IllegalStateException("a verified lease cannot be read", e);
    }
  }

  private void verify(Deadline d, long record) {
    Spill.Stored stored = spill.get(record);
    if (stored == null) {
      return;
    }
    boolean good = isGood(d, stored);
    synchronized (lock) {
      deadlines.verified(d, record, good);
    }
  }

  private boolean isGood(Deadline d, Spill.Stored stored) {
    Topic topic = stored.lease() ? Topics.LEASES : Topics.EXPIRATIONS;
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            topic.name(), stored.partition(), stored.offset(), stored.key(), stored.value());
    if (stored.signature() != null) {
      record.headers().add(Headers.SIGNATURE, stored.signature());
    }
    try {
      if (stored.value() == null) {
        codec.checkTombstone(topic, record);
        return true;
      }
      Object event = codec.readFromWriter(topic, record);
      if (event instanceof Lease) {
        checked(d.grant(), event);
      }
      return true;
    } catch (PoisonException e) {
      refuse(topic, record, e);
    } catch (InvalidValueException e) {
      refuse(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
    return false;
  }

  private void send(List<Firing> ready) {
    Instant now = instant(time.micros());
    List<EventCodec.Outgoing> events = new ArrayList<>(ready.size());
    for (Firing f : ready) {
      events.add(outgoing(f.lease(), now));
    }
    List<ProducerRecord<byte[], byte[]>> records =
        codec.encodeBatch(Topics.EXPIRATIONS, partitions, events);
    if (inFlight.getAndAdd(records.size()) == 0) {
      progressNanos = time.nanos();
    }
    for (int i = 0; i < records.size(); i++) {
      Firing f = ready.get(i);
      producer.send(records.get(i), (meta, e) -> answered(f, meta, e));
    }
  }

  private void answered(Firing f, RecordMetadata meta, @Nullable Exception e) {
    progressNanos = time.nanos();
    inFlight.decrementAndGet();
    if (e == null) {
      synchronized (lock) {
        deadlines.acknowledged(f.deadline());
      }
      metrics.onTopic(meta.timestamp(), f.lease().endMicros());
    } else {
      LOGGER
          .atWarn()
          .addKeyValue("grantId", f.deadline().grant())
          .setCause(e)
          .log("an expiration did not reach the log, trying again");
      again(f.deadline());
    }
  }

  private void again(Deadline d) {
    synchronized (lock) {
      deadlines.sent(d, false);
      arm(d, time.micros() + RETRY.toNanos() / 1_000);
    }
  }

  private EventCodec.Outgoing outgoing(LeaseReader.Content lease, Instant now) {
    if (scopes.size() > SCOPES_KEPT) {
      scopes.clear();
    }
    return new EventCodec.Outgoing(
        scopes.computeIfAbsent(lease.scope(), Scope::new),
        lease.scope(),
        new AccessExpired(
            Ids.derived("expired", lease.grantId()).toString(),
            now,
            lease.grantId(),
            lease.requestId(),
            lease.machineId(),
            lease.scope(),
            instant(lease.endMicros())),
        Optional.empty());
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  // --- the lookout: verifies what the log held at the start a while before it is due

  private record Ahead(long ringMicros, Deadline deadline) {}

  private void verifyAhead() {
    try {
      Deadline[] order = unverifiedInOrder();
      int next = 0;
      while (!closed && next < order.length) {
        long horizon = time.micros() + HORIZON.toNanos() / 1_000;
        Deadline d = order[next];
        if (ringOf(d) > horizon) {
          TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
          continue;
        }
        next++;
        OptionalLong record;
        synchronized (lock) {
          record = Deadlines.unverified(d);
        }
        record.ifPresent(r -> verify(d, r));
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

  private long ringOf(Deadline d) {
    synchronized (lock) {
      return d.ringMicros();
    }
  }

  private Deadline[] unverifiedInOrder() {
    List<Deadline> known;
    synchronized (lock) {
      // References only: what falls due meanwhile waits for this lock.
      known = new ArrayList<>(deadlines.size());
      deadlines.forEach(known::add);
    }
    List<Ahead> all = new ArrayList<>(known.size());
    // A stale end costs a verification too early or too late, no more.
    known.forEach(d -> all.add(new Ahead(d.ringMicros(), d)));
    Ahead[] sorted = all.toArray(Ahead[]::new);
    Arrays.sort(sorted, Comparator.comparingLong(Ahead::ringMicros));
    return Arrays.stream(sorted).map(Ahead::deadline).toArray(Deadline[]::new);
  }

  @Override
  public void close() {
    closed = true;
    brokerClock.close();
    tail.close();
    firing.interrupt();
    lookout.interrupt();
    try {
      timer.close();
    } catch (Exception e) {
      LOGGER.atWarn().setCause(e).log("the timer did not stop cleanly");
    }
    join(firing);
    join(lookout);
    producer.close(Duration.ofSeconds(5));
    spill.close();
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
