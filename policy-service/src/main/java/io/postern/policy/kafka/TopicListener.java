package io.postern.policy.kafka;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic as a member of a group, hands each record to a step that makes records of it, and
 * commits once these are on the log: at least once, which is enough where a repeat makes the same.
 */
final class TopicListener implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicListener.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /** What is done with one record. */
  interface Step {
    List<ProducerRecord<byte[], byte[]>> take(ConsumerRecord<byte[], byte[]> record)
        throws PoisonException;
  }

  private final String group;
  private final String instance;
  private final Topic topic;
  private final KafkaSettings kafka;
  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final Step step;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean assigned;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

  TopicListener(
      String group,
      String instance,
      Topic topic,
      KafkaSettings kafka,
      KafkaProducer<byte[], byte[]> producer,
      DeadLetters deadLetters,
      Step step) {
    this.group = group;
    this.instance = instance;
    this.topic = topic;
    this.kafka = kafka;
    this.producer = producer;
    this.deadLetters = deadLetters;
    this.step = step;
    this.thread = new Thread(this::run, group);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  boolean isReady() {
    return assigned;
  }

  private void run() {
    Map<String, Object> config = kafka.member(group, Optional.of(instance));
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(config)) {
        consumer = c;
        c.subscribe(List.of(topic.name()));
        follow(c);
      } catch (WakeupException e) {
        LOGGER.atDebug().addKeyValue("group", group).log("woken up to stop");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ExecutionException | RuntimeException e) {
        LOGGER
            .atWarn()
            .addKeyValue("group", group)
            .setCause(e)
            .log("following the log failed, starting over");
        pause();
      }
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> c)
      throws InterruptedException, ExecutionException {
    while (!closed) {
      ConsumerRecords<byte[], byte[]> batch = c.poll(POLL);
      assigned = !c.assignment().isEmpty();
      if (batch.isEmpty()) {
        continue;
      }
      List<Future<?>> sent = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : batch) {
        try {
          step.take(record).forEach(out -> sent.add(producer.send(out)));
        } catch (PoisonException e) {
          sent.add(deadLetters.send(topic, record, e));
        }
      }
      for (Future<?> each : sent) {
        each.get();
      }
      c.commitAsync();
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    var c = consumer;
    if (c != null) {
      c.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
