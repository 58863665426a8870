package io.postern.bench.timers;

import io.postern.event.AccessExpired;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.Topics;
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
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Puts a record like a signed AccessExpired on a topic, with nothing done for it. */
final class Sink implements AutoCloseable {
  static final int PARTITIONS = 4;

  /** As long as an AccessExpired. */
  static final byte[] VALUE = new byte[223];

  // What EventCodec puts on one of expiry-service's, in as many headers, as long.
  private static final Header SPEC_VERSION = header(Headers.SPEC_VERSION, "1.0");
  private static final Header TYPE = header(Headers.TYPE, AccessExpired.class.getName());
  private static final Header SOURCE = header(Headers.SOURCE, "/postern/" + Topics.EXPIRY_SERVICE);
  private static final Header TIME = header(Headers.TIME, "2026-01-01T00:00:00.000000Z");
  private static final Header CONTENT_TYPE = header(Headers.CONTENT_TYPE, "application/avro");
  private static final Header SIGNATURE = header(Headers.SIGNATURE, "x".repeat(587));

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

  void send(String id, byte[] value) {
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    RecordHeaders headers = new RecordHeaders();
    headers.add(SPEC_VERSION);
    headers.add(Headers.ID, key);
    headers.add(TYPE);
    headers.add(SOURCE);
    headers.add(TIME);
    headers.add(Headers.SUBJECT, key);
    headers.add(CONTENT_TYPE);
    headers.add(SIGNATURE);
    producer.send(new ProducerRecord<>(topic, null, key, value, headers));
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
