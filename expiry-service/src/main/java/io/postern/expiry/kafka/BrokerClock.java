package io.postern.expiry.kafka;

import io.postern.log.KafkaSettings;
import io.postern.log.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker what time it is: a small record now and then on a topic of our own that has
 * LogAppendTime, whose append time lies between sending and acknowledgement.
 */
final class BrokerClock implements AutoCloseable {
  /** A topic that nobody reads. */
  static final String TOPIC = Topics.EXPIRATIONS.name() + "." + Topics.EXPIRY_SERVICE + "-clock";

  private static final Logger LOGGER = LoggerFactory.getLogger(BrokerClock.class);
  private static final Duration SELDOM = Duration.ofSeconds(5);
  private static final Duration OFTEN = Duration.ofMillis(500);
  private static final String PATIENCE_MILLIS = "3000";

  /** Told what the broker said. */
  interface Listener {
    void probed(long brokerMillis, long sentNanos, long ackNanos);
  }

  private record Answer(long brokerMillis, long ackNanos) {}

  private final KafkaSettings kafka;
  private final TrustedTime time;
  private final BooleanSupplier urgent;
  private final Listener listener;
  private final Semaphore asked = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  BrokerClock(KafkaSettings kafka, TrustedTime time, BooleanSupplier urgent, Listener listener) {
    this.kafka = kafka;
    this.time = time;
    this.urgent = urgent;
    this.listener = listener;
    this.thread = new Thread(this::run, "expiry-clock");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Asks at once. */
  void ask() {
    if (asked.availablePermits() == 0) {
      asked.release();
    }
  }

  private void run() {
    while (!closed) {
      try {
        ensureTopic();
        probe();
      } catch (InterruptedException e) {
        return;
      } catch (ExecutionException | KafkaException e) {
        LOGGER.atWarn().setCause(e).log("the broker cannot be asked for its time, trying again");
        pause();
      }
    }
  }

  private void ensureTopic() throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(kafka.admin())) {
      admin
          .createTopics(
              java.util.List.of(
                  new NewTopic(TOPIC, Optional.of(1), Optional.empty())
                      .configs(
                          Map.of(
                              TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                              "LogAppendTime",
                              TopicConfig.RETENTION_MS_CONFIG,
                              "3600000"))))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private void probe() throws InterruptedException {
    Map<String, Object> config = new HashMap<>(kafka.producer("expiry-clock"));
    // An answer that comes late says little, and one that is sent again says nothing.
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "false");
    config.put(ProducerConfig.RETRIES_CONFIG, "0");
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      while (!closed) {
        ask(producer);
        Duration wait = urgent.getAsBoolean() ? OFTEN : SELDOM;
        boolean now = asked.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS);
        LOGGER.atTrace().addKeyValue("asked", now).log("asking the broker for its time");
      }
    }
  }

  private void ask(KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
    long sent = time.nanos();
    java.util.concurrent.CompletableFuture<Answer> answer =
        new java.util.concurrent.CompletableFuture<>();
    try {
      producer.send(
          new ProducerRecord<>(TOPIC, new byte[0]), (meta, e) -> complete(answer, meta, e));
      Answer a = answer.get();
      listener.probed(a.brokerMillis(), sent, a.ackNanos());
    } catch (ExecutionException | KafkaException e) {
      LOGGER.atDebug().setCause(e).log("the broker did not say its time");
      TimeUnit.MILLISECONDS.sleep(OFTEN.toMillis());
    }
  }

  private void complete(
      java.util.concurrent.CompletableFuture<Answer> answer,
      RecordMetadata meta,
      @org.jspecify.annotations.Nullable Exception e) {
    if (e != null) {
      answer.completeExceptionally(e);
    } else {
      answer.complete(new Answer(meta.timestamp(), time.nanos()));
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(OFTEN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
