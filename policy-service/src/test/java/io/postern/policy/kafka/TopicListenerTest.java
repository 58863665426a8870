package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class TopicListenerTest {
  private static final TopicPartition PARTITION =
      new TopicPartition(Topics.POLICY_CHANGES.name(), 0);

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private TopicListener listener(TopicListener.Step step) {
    Platform platform = SharedPlatform.get();
    return new TopicListener(
        "test",
        "test",
        Topics.POLICY_CHANGES,
        new KafkaSettings("localhost:1", Map.of()),
        producer,
        new DeadLetters(platform.codec(Topics.POLICY_SERVICE), producer),
        step);
  }

  private void onTheTopic(int count) {
    consumer.assign(List.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    for (int i = 0; i < count; i++) {
      consumer.addRecord(
          new ConsumerRecord<>(PARTITION.topic(), 0, i, new byte[0], new byte[] {(byte) i}));
    }
  }

  /** Empty when nothing is committed. */
  private Optional<Long> committed() {
    return Optional.ofNullable(consumer.committed(Set.of(PARTITION)).get(PARTITION))
        .map(OffsetAndMetadata::offset);
  }

  @Test
  void noneButTheOneThatFailedComesAgain() {
    onTheTopic(3);
    List<Byte> taken = new ArrayList<>();
    TopicListener listener =
        listener(
            record -> {
              taken.add(record.value()[0]);
              if (taken.size() == 2) {
                throw new IllegalStateException("killed");
              }
              return List.of(new ProducerRecord<>("out", record.value()));
            });
    assertThatThrownBy(() -> listener.turn(consumer)).hasMessage("killed");
    assertThat(taken).containsExactly((byte) 0, (byte) 1);
    assertThat(committed()).contains(1L);
  }

  @Test
  void nothingIsCommittedBeforeWhatItMadeIsOnTheLog() throws Exception {
    onTheTopic(1);
    producer.sendException = new IllegalStateException("the broker is away");
    TopicListener listener = listener(r -> List.of(new ProducerRecord<>("out", r.value())));
    assertThatThrownBy(() -> listener.turn(consumer)).hasMessage("the broker is away");
    assertThat(committed()).isEmpty();
    producer.sendException = null;
    consumer.seek(PARTITION, 0);
    consumer.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, 0, new byte[0], new byte[1]));
    listener.turn(consumer);
    assertThat(producer.history()).hasSize(1);
    assertThat(committed()).contains(1L);
  }
}
