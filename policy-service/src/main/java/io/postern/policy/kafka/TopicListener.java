package io.postern.policy.kafka;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Hands each record of a topic, one after the other, to a step that makes records of it, and
 * commits once these are on the log: at least once, which is enough where a repeat makes the same.
 */
final class TopicListener extends GroupReader {
  private static final Duration POLL = Duration.ofMillis(200);

  /** What is done with one record. */
  interface Step {
    List<ProducerRecord<byte[], byte[]>> take(ConsumerRecord<byte[], byte[]> record)
        throws PoisonException;
  }

  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final Step step;

  TopicListener(
      String group,
      String instance,
      Topic topic,
      KafkaSettings kafka,
      KafkaProducer<byte[], byte[]> producer,
      DeadLetters deadLetters,
      Step step) {
    super(group, instance, topic, kafka);
    this.producer = producer;
    this.deadLetters = deadLetters;
    this.step = step;
  }

  @Override
  void turn(KafkaConsumer<byte[], byte[]> c) throws InterruptedException, ExecutionException {
    ConsumerRecords<byte[], byte[]> batch = poll(c, POLL);
    if (batch.isEmpty()) {
      return;
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
