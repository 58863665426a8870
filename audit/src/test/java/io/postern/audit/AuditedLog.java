package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.audit.domain.Audit;
import io.postern.audit.domain.Finding;
import io.postern.audit.domain.Verdict;
import io.postern.audit.log.KafkaCopy;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A log that tests write to, and what its audit comes to. */
final class AuditedLog {
  static final Duration SOON = Duration.ofSeconds(30);

  private final Platform platform;
  private int committed;
  private int serial;

  AuditedLog(Platform platform) {
    this.platform = platform;
    this.committed =
        verify(Duration.ofDays(90)).stream().mapToInt(v -> (int) (v.proven() + v.tail())).sum();
  }

  /** Committed records of all chained topics. */
  int committed() {
    return committed;
  }

  List<Verdict> verify(Duration retention) {
    try (KafkaCopy copy =
        new KafkaCopy(platform.kafka(), TrustStore.load(platform.keys().trust()))) {
      return new Audit(Instant.now(), retention, Map.of()).verify(copy, v -> {});
    }
  }

  static List<Finding> findings(List<Verdict> verdicts) {
    return verdicts.stream().flatMap(v -> v.finding().stream()).toList();
  }

  ProducerRecord<byte[], byte[]> some(String topic, int partition) {
    serial++;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, partition, bytes("key-" + serial % 7), bytes("value " + serial));
    record.headers().add(Headers.ID, bytes("event-" + serial)).add("empty", null);
    return record;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes in transactions, of which a third is aborted: gaps of markers and of what was not
   * committed.
   */
  void write(int transactions) {
    Map<String, Object> config = new HashMap<>(platform.kafka().producer("audit-it"));
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "audit-it");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      producer.initTransactions();
      for (int i = 0; i < transactions; i++) {
        producer.beginTransaction();
        int records = 1 + i % 5;
        for (int r = 0; r < records; r++) {
          producer.send(some(Topics.DECISIONS.name(), r % 2));
          producer.send(some(Topics.EXPIRATIONS.name(), 0));
        }
        if (i % 3 == 2) {
          producer.flush();
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
          committed += 2 * records;
        }
      }
    }
  }

  void awaitAllProven() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              List<Verdict> verdicts = verify(Duration.ofDays(90));
              assertThat(findings(verdicts)).isEmpty();
              assertThat(verdicts.stream().mapToLong(Verdict::proven).sum()).isEqualTo(committed);
              assertThat(verdicts).allSatisfy(v -> assertThat(v.tail()).isZero());
            });
  }

  long checkpoints() {
    try (KafkaCopy copy =
        new KafkaCopy(platform.kafka(), TrustStore.load(platform.keys().trust()))) {
      return copy.checkpoints().stretches().values().stream().mapToInt(List::size).sum();
    }
  }

  long proven(String topic) {
    return verify(Duration.ZERO).stream()
        .filter(v -> v.place().topic().equals(topic))
        .mapToLong(Verdict::proven)
        .sum();
  }
}
