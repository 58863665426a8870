package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.domain.OwnRecords;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made ready is what is sent, unless anything has changed by then. */
class PreparerTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final Instant END = START.plusSeconds(60);

  @TempDir Path directory;
  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final EventCodec codec = platform.codec(Topics.EXPIRY_SERVICE);
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final String grant = GrantId.of(new RequestId(UUID.randomUUID()), MACHINE).toString();
  private Duration passed = Duration.ZERO;
  private Spill spill;
  private Wheel wheel;
  private Timers ends;
  private Preparer preparer;
  private Announcer announcer;

  @BeforeEach
  void build() {
    long begin = System.nanoTime();
    InstantSource wall = () -> START.plus(passed);
    ExpirySettings settings =
        new ExpirySettings(
            0,
            Duration.ofSeconds(1),
            ExpirySettings.CLOCK_STEP,
            ExpirySettings.CLOCK_TOLERANCE,
            directory);
    TrustedTime time =
        new TrustedTime(settings, wall.withZone(ZoneOffset.UTC), () -> begin + passed.toNanos());
    spill = new Spill(directory);
    wheel = new Wheel(time);
    ends = new Timers(Kind.END, wheel, spill, 0);
    ExpiryMetrics metrics = new ExpiryMetrics(new SimpleMeterRegistry(), ends::size, time);
    Verifier verifier =
        new Verifier(codec, spill, new DeadLetters(codec, producer), metrics, List.of(ends));
    preparer =
        new Preparer(new Composer(codec, platform.partitions(), spill), verifier, time, wheel);
    announcer =
        new Announcer(
            new Composer(codec, platform.partitions(), spill),
            producer,
            verifier,
            wheel,
            time,
            new BrokerClock(platform.kafka(), time, () -> false, (broker, sent, ack) -> {}),
            new OwnRecords(),
            metrics,
            0,
            () -> true);
  }

  @AfterEach
  void close() {
    wheel.close();
    spill.close();
  }

  private Lease lease(Instant end) {
    return new Lease(
        grant,
        "6f1c2d8e-0000-4000-8000-000000000001",
        MACHINE.value(),
        MACHINE.scope().value(),
        "alice",
        "https://issuer",
        List.of(new PortSelection(22, 22, Protocol.TCP)),
        List.of("203.0.113.7/32"),
        START,
        end,
        "web",
        1L,
        LeaseState.ACTIVE,
        null,
        false,
        0L);
  }

  // As the inbox does at the start: what is kept is not verified yet.
  private void told(Lease lease, boolean verified) {
    told(policyService, lease, verified);
  }

  private void told(EventCodec by, Lease lease, boolean verified) {
    ProducerRecord<byte[], byte[]> sent =
        by.encode(
            Topics.LEASES,
            MACHINE.scope(),
            platform.partitions(),
            lease.getScope() + "/" + grant,
            lease,
            Optional.empty());
    long kept =
        spill.add(
            new Spill.Stored(
                true,
                0,
                0,
                sent.key(),
                sent.value(),
                sent.headers().lastHeader(Headers.SIGNATURE).value()));
    ends.runs(UUID.fromString(grant), LeaseReader.micros(lease.getExpiresAt()), kept, verified);
  }

  private Wheel.Ring timer() {
    return timer(ends);
  }

  private static Wheel.Ring timer(Timers of) {
    return Objects.requireNonNull((Wheel.Ring) of.all().get(0).timer());
  }

  private Wheel.Ring ready() {
    ends.isNear(timer());
    Wheel.Ring ring = timer();
    preparer.prepare(List.of(ring));
    return ring;
  }

  private void rings(Wheel.Ring ring, Instant at) {
    passed = Duration.between(START, at);
    announcer.announce(List.of(ring));
  }

  private AccessExpired sent() throws Exception {
    ProducerRecord<byte[], byte[]> record = producer.history().get(0);
    ConsumerRecord<byte[], byte[]> read =
        new ConsumerRecord<>(record.topic(), record.partition(), 0, record.key(), record.value());
    record.headers().forEach(h -> read.headers().add(h));
    return (AccessExpired) codec.readFromWriter(Topics.EXPIRATIONS, read);
  }

  @Test
  void whatWasMadeReadyIsSentAtItsInstantAndNotBefore() throws Exception {
    told(lease(END), false);
    Wheel.Ring ring = ready();
    assertThat(wheel.ready()).isEqualTo(1);
    rings(ring, END.minusMillis(1));
    assertThat(producer.history()).isEmpty();
    // It rang too early and was set anew; what was ready has gone with the timer.
    assertThat(wheel.ready()).isZero();
    Wheel.Ring again = ready();
    rings(again, END.plusMillis(3));
    assertThat(producer.history()).hasSize(1);
    // Written before: it bears its instant, not the moment when it was sent.
    assertThat(sent().getOccurredAt()).isEqualTo(END);
    assertThat(Headers.text(producer.history().get(0).headers(), Headers.TIME))
        .isEqualTo(END.toString());
    assertThat(wheel.ready()).isZero();
  }

  @Test
  void whatIsSentMuchLaterIsWrittenAnewAndSaysSo() throws Exception {
    told(lease(END), true);
    rings(ready(), END.plusSeconds(6));
    assertThat(sent().getOccurredAt()).isEqualTo(END.plusSeconds(6));
    assertThat(wheel.ready()).isZero();
  }

  @Test
  void whatWaitsInAStormIsSentAsItIs() throws Exception {
    told(lease(END), true);
    rings(ready(), END.plusSeconds(4));
    assertThat(sent().getOccurredAt()).isEqualTo(END);
  }

  @Test
  void whatTheProducerRefusesIsNotOnItsWayAndIsSentAgain() throws Exception {
    told(lease(END), true);
    producer.sendException = new KafkaException("no room");
    rings(ready(), END);
    assertThat(producer.history()).isEmpty();
    assertThat(announcer.onTheirWay()).isZero();
    producer.sendException = null;
    rings(timer(), END.plusSeconds(2));
    assertThat(sent().getExpiresAt()).isEqualTo(END);
    assertThat(announcer.onTheirWay()).isZero();
  }

  @Test
  void whatWasNotMadeReadyIsWrittenWhenItIsDue() throws Exception {
    told(lease(END), true);
    ends.isNear(timer());
    rings(timer(), END.plusMillis(3));
    assertThat(sent().getOccurredAt()).isEqualTo(END.plusMillis(3));
  }

  @Test
  void anEndThatMovesThrowsAwayWhatWasReady() throws Exception {
    told(lease(END), true);
    Wheel.Ring ring = ready();
    told(lease(END.plusSeconds(30)), true);
    assertThat(wheel.ready()).isZero();
    rings(ring, END.plusMillis(1));
    assertThat(producer.history()).isEmpty();
    rings(ready(), END.plusSeconds(30));
    assertThat(sent().getExpiresAt()).isEqualTo(END.plusSeconds(30));
  }

  @Test
  void anotherLeaseWithTheSameEndIsWrittenFromItself() throws Exception {
    told(lease(END), true);
    Wheel.Ring ring = ready();
    told(
        Lease.newBuilder(lease(END)).setRequestId("6f1c2d8e-0000-4000-8000-000000000002").build(),
        true);
    rings(ring, END);
    assertThat(sent().getRequestId()).endsWith("2");
    assertThat(wheel.ready()).isZero();
  }

  @Test
  void whatAnotherReplicaHasAnnouncedIsNotKeptReady() {
    told(lease(END), true);
    Wheel.Ring ring = ready();
    ends.announced(UUID.fromString(grant), LeaseReader.micros(END), -1, true);
    ends.verified(UUID.fromString(grant), -1, true);
    rings(ring, END);
    assertThat(producer.history()).isEmpty();
    assertThat(wheel.ready()).isZero();
  }

  @Test
  void aGrantThatEndsOtherwiseThrowsAwayWhatWasReady() throws Exception {
    told(lease(END), true);
    Wheel.Ring ring = ready();
    ends.ended(UUID.fromString(grant), -1, true);
    assertThat(wheel.ready()).isZero();
    rings(ring, END);
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void nothingIsMadeReadyFromAForgery() throws Exception {
    told(lease(END), true);
    told(platform.codec(Topics.AWS_ENFORCER), lease(END.minusSeconds(30)), false);
    ready();
    assertThat(wheel.ready()).isZero();
    rings(timer(), END.minusSeconds(30));
    assertThat(producer.history().stream().map(ProducerRecord::topic))
        .doesNotContain(Topics.EXPIRATIONS.name());
  }

  @Test
  void aReplicaThatLetsOthersGoFirstMakesNothingReady() {
    Timers second = new Timers(Kind.END, wheel, spill, 1_000_000);
    second.runs(UUID.fromString(grant), LeaseReader.micros(END), 0, true);
    assertThat(timer(second).atMicros()).isEqualTo(LeaseReader.micros(END) + 1_000_000);
    List<Wheel.Ring> told = new ArrayList<>();
    wheel.drainSoon(told);
    assertThat(told).isEmpty();
  }
}
