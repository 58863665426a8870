package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.domain.OwnRecords;
import io.postern.expiry.domain.Turn;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one tail takes from its share of the log while others still read theirs. */
class InboxTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final Instant END = START.plusSeconds(60);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  // Where the share ended when its tail started.
  private static final long THERE = 100;

  @TempDir Path directory;
  private final Platform platform = SharedPlatform.get();
  private final EventCodec codec = platform.codec(Topics.EXPIRY_SERVICE);
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private long nanos;
  private Spill spill;
  private Wheel wheel;
  private Timers ends;
  private Inbox inbox;

  @BeforeEach
  void build() {
    TrustedTime time =
        new TrustedTime(
            ExpirySettings.of(0, Duration.ofSeconds(1)),
            Clock.fixed(START, ZoneOffset.UTC),
            () -> nanos);
    spill = new Spill(directory);
    wheel = new Wheel(time);
    Turn turn = new Turn(0, 1_000_000);
    ends = new Timers(Kind.END, wheel, spill, turn);
    Timers reminders = new Timers(Kind.REMINDER, wheel, spill, turn);
    ExpiryMetrics metrics = new ExpiryMetrics(registry, ends::size, time);
    Verifier verifier =
        new Verifier(
            codec, spill, new DeadLetters(codec, producer), metrics, List.of(ends, reminders));
    inbox =
        new Inbox(
            codec,
            spill,
            verifier,
            ends,
            reminders,
            new OwnRecords(),
            metrics,
            time,
            () -> false,
            () -> {});
    inbox.startAt(
        Map.of(
            new TopicPartition(Topics.LEASES.name(), 0), THERE,
            new TopicPartition(Topics.EXPIRATIONS.name(), 0), THERE));
  }

  @AfterEach
  void close() {
    wheel.close();
    spill.close();
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
    inbox.onIdle();
  }

  /** What is done once all shares have been read. */
  private void allHaveRead() {
    ends.forgetWithoutLease();
  }

  private static String grant() {
    return GrantId.of(new RequestId(UUID.randomUUID()), MACHINE).toString();
  }

  private void lease(EventCodec by, String grant, long offset) {
    Lease lease =
        new Lease(
            grant,
            "6f1c2d8e-0000-4000-8000-000000000001",
            MACHINE.value(),
            MACHINE.scope().value(),
            "alice",
            "https://issuer",
            List.of(new PortSelection(22, 22, Protocol.TCP)),
            List.of("203.0.113.7/32"),
            START,
            END,
            "web",
            1L,
            LeaseState.ACTIVE,
            null,
            false,
            0L);
    read(by, Topics.LEASES, lease.getScope() + "/" + grant, lease, offset);
  }

  private void announcement(String grant, long offset) {
    String scope = MACHINE.scope().value();
    AccessExpired event =
        new AccessExpired(
            UUID.randomUUID().toString(),
            END,
            grant,
            "6f1c2d8e-0000-4000-8000-000000000001",
            MACHINE.value(),
            scope,
            END);
    read(codec, Topics.EXPIRATIONS, scope, event, offset);
  }

  private void read(EventCodec by, Topic topic, String key, SpecificRecord event, long offset) {
    ProducerRecord<byte[], byte[]> sent = by.encode(topic, key, event, Optional.empty());
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(topic.name(), 0, offset, sent.key(), sent.value());
    sent.headers().forEach(h -> record.headers().add(h));
    inbox.onRecord(record);
    inbox.onBatchEnd();
  }

  private boolean isKnown(String grant) {
    return ends.isKnown(UUID.fromString(grant));
  }

  @Test
  void anAnnouncementFromBeforeTheStartIsForgottenOnceAllHaveRead() {
    String stray = grant();
    announcement(stray, THERE - 1);
    inbox.onCaughtUp();
    pass(MINUTE.multipliedBy(2));
    assertThat(isKnown(stray)).as("another tail may not have read its share").isTrue();
    allHaveRead();
    assertThat(isKnown(stray)).isFalse();
  }

  @Test
  void anAnnouncementReadWhileOthersReadIsForgottenAfterItsMinuteAndNotBefore() {
    inbox.onCaughtUp();
    String stray = grant();
    announcement(stray, THERE);
    pass(MINUTE.dividedBy(2));
    allHaveRead();
    pass(MINUTE.dividedBy(2));
    assertThat(isKnown(stray)).isTrue();
    pass(Duration.ofNanos(1));
    assertThat(isKnown(stray)).isFalse();
  }

  @Test
  void aLeaseThatFollowsItsAnnouncementKeepsIt() {
    inbox.onCaughtUp();
    String grant = grant();
    announcement(grant, THERE);
    allHaveRead();
    lease(policyService, grant, THERE);
    pass(MINUTE.multipliedBy(2));
    announcement(grant, THERE + 1);
    assertThat(registry.get("postern.expiry.doubled").counter().count())
        .as("the first is known still")
        .isEqualTo(1);
  }

  @Test
  void anAnnouncementFromAfterTheStartWaitsForItsLeaseHoweverLongItsTailReads() {
    String grant = grant();
    announcement(grant, THERE);
    pass(MINUTE.multipliedBy(2));
    inbox.onCaughtUp();
    allHaveRead();
    pass(MINUTE);
    assertThat(isKnown(grant)).isTrue();
    pass(Duration.ofNanos(1));
    assertThat(isKnown(grant)).isFalse();
  }

  @Test
  void whatWasThereIsVerifiedLaterAndWhatIsNewAtOnce() {
    EventCodec forger = platform.codec(Topics.AWS_ENFORCER);
    String before = grant();
    lease(forger, before, THERE - 1);
    assertThat(isKnown(before)).isTrue();
    inbox.onCaughtUp();
    String after = grant();
    lease(forger, after, THERE);
    assertThat(isKnown(after)).isFalse();
    assertThat(registry.get("postern.expiry.refused").counter().count()).isEqualTo(1);
  }
}
