package io.postern.policy.kafka;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Hands each record of a topic, one after the other, to a step that makes records of it, and goes
 * on once these are on the log and its own place is committed. So none but the last can come twice,
 * after a crash in between; a step must make nothing of that repeat.
 */
final class TopicListener extends GroupReader {
  private static final Duration POLL = Duration.ofMillis(200);

  /** What is done with one record. */
  interface Step {
    List<ProducerRecord<byte[], byte[]>> take(ConsumerRecord<byte[], byte[]> record)
        throws PoisonException;
  }

  private final Producer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final Step step;

  TopicListener(
      String group,
      String instance,
      Topic topic,
      KafkaSettings kafka,
      Producer<byte[], byte[]> producer,
      DeadLetters deadLetters,
      Step step) {
    super(group, instance, topic, kafka);
    this.producer = producer;
    this.deadLetters = deadLetters;
    this.step = step;
  }

  @Override
  void turn(Consumer<byte[], byte[]> c) throws InterruptedException, ExecutionException {
    for (ConsumerRecord<byte[], byte[]> record : poll(c, POLL)) {
      for (Future<?> sent : handOver(record)) {
        sent.get();
      }
      c.commitSync(
          Map.of(
              new TopicPartition(record.topic(), record.partition()),
              new OffsetAndMetadata(record.offset() + 1)));
    }
  }

  private List<Future<?>> handOver(ConsumerRecord<byte[], byte[]> record) {
    List<Future<?>> sent = new ArrayList<>();
    try {
      step.take(record).forEach(out -> sent.add(producer.send(out)));
    } catch (PoisonException e) {
      sent.add(deadLetters.send(topic, record, e));
    }
    return sent;
  }
}
