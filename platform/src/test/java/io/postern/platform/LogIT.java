package io.postern.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessExpired;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LogIT {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  private final Platform platform = SharedPlatform.get();
  private final EventCodec expiry = platform.codec(Topics.EXPIRY_SERVICE);

  private static AccessExpired expired() {
    RequestId request = new RequestId(UUID.randomUUID());
    GrantId grant = GrantId.of(request, MACHINE);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new AccessExpired(
        Ids.derived("expired", grant.toString()).toString(),
        now,
        grant.toString(),
        request.toString(),
        MACHINE.value(),
        MACHINE.scope().value(),
        now);
  }

  private ProducerRecord<byte[], byte[]> encode(AccessExpired event) {
    return expiry.encode(
        Topics.EXPIRATIONS,
        MACHINE.scope(),
        platform.partitions(),
        MACHINE.scope().value(),
        event,
        Optional.empty());
  }

  @Test
  void eventComesBackFromTheBrokerAsItWasSentWithCloudEventsHeaders() throws Exception {
    AccessExpired sent = expired();
    List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail tail =
            new LogTail("test", platform.kafka(), List.of(Topics.EXPIRATIONS.name()), seen::add)
                .start()) {
      tail.awaitCaughtUp(Duration.ofSeconds(20));
      producer.send(encode(sent)).get();
      await().until(() -> !seen.isEmpty());
    }
    ConsumerRecord<byte[], byte[]> record = seen.get(seen.size() - 1);
    assertThat(expiry.readFromWriter(Topics.EXPIRATIONS, record)).isEqualTo(sent);
    assertThat(record.partition())
        .isEqualTo(Topics.partition(MACHINE.scope(), platform.partitions()));
    assertThat(Headers.text(record.headers(), Headers.ID)).isEqualTo(sent.getEventId());
    assertThat(Headers.text(record.headers(), Headers.TYPE))
        .isEqualTo("io.postern.event.AccessExpired");
    assertThat(Headers.text(record.headers(), Headers.SPEC_VERSION)).isEqualTo("1.0");
  }

  @Test
  void whatFollowsARecordIsHandedOverTogetherWithIt() throws Exception {
    List<String> sent = new ArrayList<>();
    Gathered gathered = new Gathered();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail tail =
            new LogTail("test", platform.kafka(), List.of(Topics.EXPIRATIONS.name()), gathered)
                .gathering(Duration.ofSeconds(2))
                .start()) {
      tail.awaitCaughtUp(Duration.ofSeconds(20));
      for (int i = 0; i < 3; i++) {
        AccessExpired event = expired();
        sent.add(event.getEventId());
        // One by one, so that a reader in a hurry would have each by itself.
        producer.send(encode(event)).get();
      }
      await().until(() -> gathered.batches.stream().anyMatch(b -> b.contains(sent.get(2))));
    }
    assertThat(gathered.batches)
        .filteredOn(b -> !Collections.disjoint(b, sent))
        .singleElement()
        .satisfies(b -> assertThat(b).containsSubsequence(sent));
  }

  private static final class Gathered implements LogTail.Handler {
    private final List<List<String>> batches = new CopyOnWriteArrayList<>();
    private final List<String> batch = new ArrayList<>();

    @Override
    public void onRecord(ConsumerRecord<byte[], byte[]> record) {
      batch.add(Headers.text(record.headers(), Headers.ID));
    }

    @Override
    public void onBatchEnd() {
      batches.add(List.copyOf(batch));
      batch.clear();
    }
  }

  private RecordMetadata send(KafkaProducer<byte[], byte[]> producer, AccessExpired event)
      throws Exception {
    return producer.send(encode(event)).get();
  }

  @Test
  void whatAHandlerKnowsAlreadyIsNotHandedOver() throws Exception {
    AtomicLong goOnAt = new AtomicLong();
    int partition = Topics.partition(MACHINE.scope(), platform.partitions());
    List<Long> seen = new CopyOnWriteArrayList<>();
    LogTail.Handler handler =
        new LogTail.Handler() {
          @Override
          public void onRecord(ConsumerRecord<byte[], byte[]> record) {
            seen.add(record.offset());
          }

          @Override
          public long goOnAt(TopicPartition p, long position) {
            return p.partition() == partition ? Math.max(position, goOnAt.get()) : position;
          }
        };
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail tail =
            new LogTail("test", platform.kafka(), List.of(Topics.EXPIRATIONS.name()), handler)
                .ofPartitions(p -> p == partition)
                .gathering(Duration.ofSeconds(2))
                .start()) {
      tail.awaitCaughtUp(Duration.ofSeconds(20));
      seen.clear();
      long first = send(producer, expired()).offset();
      send(producer, expired());
      long third = send(producer, expired()).offset();
      goOnAt.set(third);
      await().until(() -> seen.contains(third));
      assertThat(seen).containsExactly(first, third);
    }
  }

  @Test
  void whatMayWaitIsGatheredForLongerButNotForEver() throws Exception {
    Duration time = Duration.ofMillis(100);
    AccessExpired event = expired();
    List<Long> asked = new CopyOnWriteArrayList<>();
    CompletableFuture<Duration> waited = new CompletableFuture<>();
    LogTail.Handler handler =
        new LogTail.Handler() {
          @Override
          public void onRecord(ConsumerRecord<byte[], byte[]> record) {
            if (event.getEventId().equals(Headers.text(record.headers(), Headers.ID))) {
              waited.complete(Duration.ofNanos(System.nanoTime() - asked.get(0)));
            }
          }

          @Override
          public boolean mayWait() {
            asked.add(System.nanoTime());
            return true;
          }
        };
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail tail =
            new LogTail("test", platform.kafka(), List.of(Topics.EXPIRATIONS.name()), handler)
                .gathering(time)
                .start()) {
      tail.awaitCaughtUp(Duration.ofSeconds(20));
      send(producer, event);
      assertThat(waited.get(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(time.multipliedBy(3));
    }
    assertThat(asked).hasSize(3);
  }

  @Test
  void aTailReadsThePartitionsThatFitAndNoOthers() throws Exception {
    int partition = Topics.partition(MACHINE.scope(), platform.partitions());
    List<Integer> fitting = new CopyOnWriteArrayList<>();
    List<Integer> others = new CopyOnWriteArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail with =
            new LogTail(
                    "with",
                    platform.kafka(),
                    List.of(Topics.EXPIRATIONS.name()),
                    r -> fitting.add(r.partition()))
                .ofPartitions(p -> p == partition);
        LogTail without =
            new LogTail(
                    "without",
                    platform.kafka(),
                    List.of(Topics.EXPIRATIONS.name()),
                    r -> others.add(r.partition()))
                .ofPartitions(p -> p != partition)) {
      send(producer, expired());
      with.start().awaitCaughtUp(Duration.ofSeconds(20));
      without.start().awaitCaughtUp(Duration.ofSeconds(20));
    }
    assertThat(fitting).isNotEmpty().containsOnly(partition);
    assertThat(others).doesNotContain(partition);
  }

  private static void fail(Throwable failure) {
    switch (failure) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalArgumentException(failure);
    }
  }

  @Test
  void aTailThatMeetsAnErrorOrAFullDiskStartsOverAndLosesNothing() throws Exception {
    for (Throwable failure :
        List.of(
            new OutOfMemoryError("for a moment"),
            new UncheckedIOException(new IOException("no space left on device")))) {
      AtomicReference<String> failed = new AtomicReference<>();
      List<String> seen = new CopyOnWriteArrayList<>();
      try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
          LogTail tail =
              new LogTail(
                  "test",
                  platform.kafka(),
                  List.of(Topics.EXPIRATIONS.name()),
                  r -> {
                    String place = r.partition() + "/" + r.offset();
                    if (failed.compareAndSet(null, place)) {
                      fail(failure);
                    }
                    seen.add(place);
                  })) {
        send(producer, expired());
        tail.start().awaitCaughtUp(Duration.ofSeconds(20));
        assertThat(seen).as("after %s", failure).contains(failed.get()).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void alteredMisplacedAndForeignRecordsAreRefusedEachWithItsReason() {
    ProducerRecord<byte[], byte[]> good = encode(expired());
    byte[] altered = good.value().clone();
    altered[altered.length - 1] ^= 1;
    assertRefused(good, good.topic(), good.key(), altered, PoisonException.Cause.BAD_SIGNATURE);
    byte[] otherKey = "aws:123456789012:us-east-1".getBytes(StandardCharsets.UTF_8);
    assertRefused(good, good.topic(), otherKey, good.value(), PoisonException.Cause.BAD_SIGNATURE);
    assertRefused(
        good, "jit.enforcement", good.key(), good.value(), PoisonException.Cause.BAD_SIGNATURE);
    ProducerRecord<byte[], byte[]> foreign =
        platform
            .codec(Topics.AWS_ENFORCER)
            .encode(
                Topics.EXPIRATIONS,
                MACHINE.scope(),
                platform.partitions(),
                "k",
                expired(),
                Optional.empty());
    assertRefused(
        foreign,
        foreign.topic(),
        foreign.key(),
        foreign.value(),
        PoisonException.Cause.NOT_THE_WRITER);
    good.headers().remove(Headers.SIGNATURE);
    assertRefused(good, good.topic(), good.key(), good.value(), PoisonException.Cause.UNSIGNED);
  }

  private void assertRefused(
      ProducerRecord<byte[], byte[]> record,
      String topic,
      byte[] key,
      byte[] value,
      PoisonException.Cause why) {
    ConsumerRecord<byte[], byte[]> received = new ConsumerRecord<>(topic, 0, 0, key, value);
    record.headers().forEach(received.headers()::add);
    assertThatThrownBy(() -> expiry.readFromWriter(Topics.EXPIRATIONS, received))
        .isInstanceOfSatisfying(PoisonException.class, e -> assertThat(e.reason()).isEqualTo(why));
  }
}
