package io.postern.bench.timers;

import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Puts a record of the size of a signed AccessExpired on a topic, with nothing done for it. */
final class Sink implements AutoCloseable {
  static final int PARTITIONS = 4;
  private static final byte[] VALUE = new byte[300];
  // CloudEvents headers and a signature, as expiry-service writes them.
  private static final byte[] HEADER = new byte[850];

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;

  Sink(KafkaSettings kafka, String topic) throws InterruptedException, ExecutionException {
    this.topic = topic;
    create(kafka, topic);
    Map<String, Object> config = kafka.producer(topic);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, "262144");
    producer = new KafkaProducer<>(config);
  }

  static void create(KafkaSettings kafka, String topic)
      throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(kafka.admin())) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(topic, Optional.of(PARTITIONS), Optional.of((short) 1))
                      .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"))))
          .all()
          .get();
    }
  }

  void send(String id) {
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.SUBJECT, key);
    headers.add(Headers.SIGNATURE, HEADER);
    producer.send(new ProducerRecord<>(topic, null, key, VALUE, headers));
  }

  void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
