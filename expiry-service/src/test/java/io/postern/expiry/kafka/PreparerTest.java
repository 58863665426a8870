package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.domain.Deadlines.Step;
import io.postern.expiry.domain.OwnRecords;
import io.postern.expiry.domain.Turn;
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
import java.util.function.BiFunction;
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
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Turn turn = new Turn(0, 1_000_000);
  private long restedNanos;
  private final String grant = anyGrant();
  private Duration passed = Duration.ZERO;
  private Spill spill;
  private Wheel wheel;
  private Timers ends;
  private Preparer preparer;
  private BiFunction<MockProducer<byte[], byte[]>, Turn, Announcer> announcers;
  private Announcer announcer;

  private static String anyGrant() {
    return GrantId.of(new RequestId(UUID.randomUUID()), MACHINE).toString();
  }

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
    ends = new Timers(Kind.END, wheel, spill, turn);
    ExpiryMetrics metrics = new ExpiryMetrics(registry, ends::size, time);
    Verifier verifier =
        new Verifier(codec, spill, new DeadLetters(codec, producer), metrics, List.of(ends));
    preparer =
        new Preparer(
            new Composer(codec, platform.partitions(), spill), verifier, time, wheel, this::rest);
    announcers =
        (by, turn) ->
            new Announcer(
                new Composer(codec, platform.partitions(), spill),
                by,
                verifier,
                wheel,
                time,
                new BrokerClock(platform.kafka(), time, () -> false, (broker, sent, ack) -> {}),
                new OwnRecords(),
                metrics,
                turn,
                () -> true);
    announcer = announcers.apply(producer, turn);
  }

  @AfterEach
  void close() {
    announcer.close();
    wheel.close();
    spill.close();
  }

  private void rest(long nanos) {
    restedNanos += nanos;
    passed = passed.plusNanos(nanos);
  }

  private Lease lease(Instant end) {
    return lease(grant, end);
  }

  private static Lease lease(String grant, Instant end) {
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
            lease.getScope() + "/" + lease.getGrantId(),
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
    ends.runs(
        UUID.fromString(lease.getGrantId()),
        LeaseReader.micros(lease.getExpiresAt()),
        kept,
        verified);
  }

  private Wheel.Ring timer() {
    return timer(ends);
  }

  private List<Wheel.Ring> timers() {
    return ends.all().stream().map(d -> Objects.requireNonNull((Wheel.Ring) d.timer())).toList();
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
  void whatIsRehearsedCanBeWritten() {
    // Whoever fires would not say so if it failed.
    assertThatCode(() -> new Composer(codec, platform.partitions(), spill).rehearse(START))
        .doesNotThrowAnyException();
  }

  @Test
  void whatReachedTheLogIsNotedOnceNothingElseIsToBeSent() {
    told(lease(END), true);
    rings(ready(), END.plusMillis(3));
    assertThat(onTopic()).isZero();
    announcer.start();
    await().untilAsserted(() -> assertThat(onTopic()).isEqualTo(1));
    // Nothing announces it again.
    assertThat(ends.next(ends.all().get(0), LeaseReader.micros(END.plusSeconds(9))))
        .isInstanceOf(Step.Silence.class);
  }

  private long onTopic() {
    return registry.get("postern.expiry.lateness").timer().count();
  }

  @Test
  void whatFellDueBeforeAStartIsLeftToOthersForTwoStaggers() throws Exception {
    told(lease(END), true);
    turn.ready(LeaseReader.micros(END) + 1);
    rings(timer(), END.plusMillis(1_999));
    assertThat(producer.history()).isEmpty();
    assertThat(timer().atMicros()).isEqualTo(LeaseReader.micros(END.plusSeconds(2)));
    rings(timer(), END.plusSeconds(2));
    assertThat(sent().getExpiresAt()).isEqualTo(END);
  }

  @Test
  void onlyWhoGoesFirstCanLetWhatOthersSayWaitAndOnlyInAStorm() {
    MockProducer<byte[], byte[]> silent =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    Announcer second = announcers.apply(silent, new Turn(1, 1_000_000));
    Announcer first = announcers.apply(silent, turn);
    for (int i = 0; i < 2 * 1_025; i++) {
      told(lease(anyGrant(), END), true);
    }
    passed = Duration.between(START, END);
    List<Wheel.Ring> all = timers();
    second.announce(all.subList(1_025, 2 * 1_025));
    assertThat(second.onTheirWay()).isEqualTo(1_025);
    assertThat(second.isInAStorm()).isFalse();
    first.announce(all.subList(0, 1_024));
    assertThat(first.isInAStorm()).isFalse();
    first.announce(all.subList(1_024, 1_025));
    assertThat(first.onTheirWay()).isEqualTo(1_025);
    assertThat(first.isInAStorm()).isTrue();
    while (silent.completeNext()) {
      // Until all are on the log.
    }
    assertThat(first.isInAStorm()).isFalse();
  }

  @Test
  void whoeverWritesAheadRestsWhileItIsAheadOfItsPace() {
    for (int i = 0; i < 60; i++) {
      told(lease(anyGrant(), END), true);
    }
    preparer.prepare(timers());
    assertThat(wheel.ready()).isEqualTo(60);
    // No time passes here but in rests, which are thus all of it, but for two that would be too
    // short.
    long all = 60 * 12_000 + 2 * 60 * 1_500;
    assertThat(restedNanos).isBetween(all - 2 * 50_000, all);
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
    Timers second = new Timers(Kind.END, wheel, spill, new Turn(1, 1_000_000));
    second.runs(UUID.fromString(grant), LeaseReader.micros(END), 0, true);
    assertThat(timer(second).atMicros()).isEqualTo(LeaseReader.micros(END) + 1_000_000);
    List<Wheel.Ring> told = new ArrayList<>();
    wheel.drainSoon(told);
    assertThat(told).isEmpty();
  }
}
