package io.postern.audit.log;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.Digests;
import io.postern.audit.domain.Folding;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds every chained partition into its chain and publishes signed checkpoints on {@code
 * jit.checkpoints}. A thread of its own; it decodes nothing and holds nobody up.
 *
 * <p>Its only state is the topic it writes: a start reads it to its end and goes on after the last
 * checkpoint of each partition, so that a kill at any moment loses nothing and doubles nothing.
 * Checkpoints are written in transactions under one transactional id: a second consumer, newer,
 * fences the first, which then ends. Two chains of one partition cannot come about.
 */
public final class AuditConsumer implements AutoCloseable {
  /** Most records of one checkpoint: 330 kB of digests, below Kafka's limit of a record. */
  public static final int MOST_RECORDS = 10_000;

  private static final Logger LOGGER = LoggerFactory.getLogger(AuditConsumer.class);
  private static final String TRANSACTIONAL_ID = "postern-audit";
  private static final Duration DISCOVER_EVERY = Duration.ofSeconds(30);
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration LOOK_UP_EVERY = Duration.ofMillis(500);

  private final KafkaSettings kafka;
  private final EventCodec codec;
  private final TrustStore trust;
  private final Clock clock;
  private final Duration interval;
  private final Duration patience;
  private final Digests digests = new Digests();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ready;
  private volatile @Nullable String failure;
  private Map<TopicPartition, Folding> foldings = new HashMap<>();

  private AuditConsumer(LogConnection log, Duration interval, Clock clock) {
    this.kafka = log.settings();
    this.codec = log.codec(Topics.AUDIT, clock);
    this.trust = TrustStore.load(log.trust());
    this.clock = clock;
    this.interval = interval;
    this.patience =
        interval.dividedBy(2).compareTo(LOOK_UP_EVERY) < 0 ? interval.dividedBy(2) : LOOK_UP_EVERY;
    this.thread = new Thread(this::run, "audit-consumer");
    thread.setDaemon(true);
  }

  /**
   * Starts it.
   *
   * @param log with the audit consumer's own key
   * @param interval how long a record waits for its checkpoint at most
   */
  public static AuditConsumer start(LogConnection log, Duration interval) {
    AuditConsumer audit = new AuditConsumer(log, interval, Clock.systemUTC());
    audit.thread.start();
    return audit;
  }

  /** Whether it has taken up the chains where they were and follows. */
  public boolean isReady() {
    return ready;
  }

  /**
   * Waits until it ends, which it does of itself only when it must not go on.
   *
   * @return why; empty when it was closed
   */
  public String awaitEnd() throws InterruptedException {
    ended.await();
    String why = failure;
    return why == null ? "" : why;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed) {
        try {
          follow();
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
          stop("another audit consumer has taken over");
        } catch (KafkaException | RegistryException e) {
          LOGGER.atWarn().setCause(e).log("the audit lost its connection and starts over");
          pause();
        } catch (RuntimeException e) {
          stop(e.getMessage() == null ? e.toString() : e.getMessage());
        }
      }
    } finally {
      ready = false;
      ended.countDown();
    }
  }

  private void stop(String why) {
    failure = why;
    closed = true;
    LOGGER.atError().log("the audit has ended: {}", why);
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(AGAIN_AFTER.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private KafkaProducer<byte[], byte[]> newProducer() {
    Map<String, Object> config = new HashMap<>(kafka.producer(TRANSACTIONAL_ID));
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    return new KafkaProducer<>(config);
  }

  // The broker answers when there is much or the interval is over, not record by record.
  private Map<String, Object> fetching() {
    return Map.of(
        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
        1 << 20,
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        (int) Math.clamp(interval.toMillis() / 2, 10, 5000),
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        MOST_RECORDS / 2);
  }

  private void follow() {
    try (KafkaProducer<byte[], byte[]> producer = newProducer();
        KafkaConsumer<byte[], byte[]> c = KafkaRecords.consumer(kafka, fetching())) {
      foldings = new HashMap<>();
      // First the fence, then the reading: what is read now stays the last.
      producer.initTransactions();
      Map<Place, Stretch> last = lastCheckpoints();
      long discovered = discover(c, last);
      long published = System.nanoTime();
      ready = true;
      while (!closed) {
        boolean full = false;
        for (ConsumerRecord<byte[], byte[]> record : c.poll(patience)) {
          full |= fold(record);
        }
        long now = System.nanoTime();
        if (full || now - published >= interval.toNanos()) {
          publish(producer);
          published = now;
        }
        if (now - discovered >= DISCOVER_EVERY.toNanos()) {
          discovered = discover(c, last);
        }
      }
      publish(producer);
    }
  }

  private boolean fold(ConsumerRecord<byte[], byte[]> record) {
    Folding folding = foldings.get(new TopicPartition(record.topic(), record.partition()));
    if (folding == null) {
      throw new IllegalStateException("a record of a partition that nobody asked for: " + record);
    }
    folding.fold(KafkaRecords.record(record));
    return folding.pending() >= MOST_RECORDS / 2;
  }

  private void publish(KafkaProducer<byte[], byte[]> producer) {
    List<Stretch> stretches = new ArrayList<>();
    for (Folding folding : foldings.values()) {
      if (folding.pending() > 0) {
        stretches.add(folding.take(clock.instant()));
      }
    }
    if (stretches.isEmpty()) {
      return;
    }
    producer.beginTransaction();
    stretches.forEach(s -> producer.send(Checkpoints.encode(codec, s)));
    producer.commitTransaction();
    LOGGER.atDebug().addKeyValue("checkpoints", stretches.size()).log("checkpoints published");
  }

  /** The last checkpoint of each partition that is signed as it must be, and sound. */
  private Map<Place, Stretch> lastCheckpoints() {
    Map<Place, Stretch> last = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> c = KafkaRecords.reader(kafka)) {
      List<TopicPartition> partitions =
          KafkaRecords.partitions(c, List.of(Topics.CHECKPOINTS.name()));
      Map<TopicPartition, Long> begins = c.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = c.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        Iterator<LogRecord> records =
            KafkaRecords.read(
                c, partition, begins.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L));
        records.forEachRemaining(r -> learn(partition, r, last));
      }
    }
    last.values().forEach(s -> Checkpoints.check(s, digests));
    return last;
  }

  private void learn(TopicPartition partition, LogRecord record, Map<Place, Stretch> last) {
    try {
      Stretch stretch = Checkpoints.decode(record, trust);
      last.merge(stretch.place(), stretch, (a, b) -> b.nextOffset() >= a.nextOffset() ? b : a);
    } catch (PoisonException e) {
      LOGGER
          .atError()
          .addKeyValue("partition", partition)
          .addKeyValue("offset", record.offset())
          .log("somebody else wrote to the checkpoints: {}", e.getMessage());
    }
  }

  private long discover(KafkaConsumer<byte[], byte[]> c, Map<Place, Stretch> last) {
    List<TopicPartition> partitions = KafkaRecords.chained(c);
    if (partitions.isEmpty()) {
      throw new KafkaException("the topics are not there yet");
    }
    if (partitions.size() != foldings.size()) {
      c.assign(partitions);
      Map<TopicPartition, Long> begins = c.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = c.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        long begin = begins.getOrDefault(partition, 0L);
        if (!foldings.containsKey(partition)) {
          foldings.put(partition, takeUp(partition, last, begin, ends.getOrDefault(partition, 0L)));
          Folding folding = foldings.get(partition);
          c.seek(partition, Math.max(begin, folding == null ? 0 : folding.nextOffset()));
        }
      }
    }
    return System.nanoTime();
  }

  private Folding takeUp(TopicPartition partition, Map<Place, Stretch> last, long begin, long end) {
    Stretch stretch = last.get(KafkaRecords.place(partition));
    if (stretch == null) {
      return Folding.begin(KafkaRecords.place(partition), digests, begin);
    }
    if (end < stretch.nextOffset()) {
      throw new IllegalStateException(
          "%s ends at offset %d, and a checkpoint knows it up to %d: its end was cut off"
              .formatted(stretch.place(), end, stretch.nextOffset()));
    }
    if (begin > stretch.nextOffset()) {
      LOGGER
          .atError()
          .addKeyValue("partition", partition)
          .log(
              "offsets {} to {} were deleted before they were checked",
              stretch.nextOffset(),
              begin - 1);
    }
    return Folding.after(stretch, digests);
  }
}
