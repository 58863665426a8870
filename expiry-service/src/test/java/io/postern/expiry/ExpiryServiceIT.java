package io.postern.expiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.kafka.ExpiryService;
import io.postern.log.EventCodec;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExpiryServiceIT {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Duration STAGGER = Duration.ofSeconds(2);

  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private KafkaProducer<byte[], byte[]> producer;
  private LogProbe probe;

  @BeforeEach
  void connect() throws Exception {
    producer = platform.kafka().newProducer("test");
    probe = LogProbe.on(platform, Topics.EXPIRATIONS.name());
  }

  @AfterEach
  void disconnect() {
    probe.close();
    producer.close();
  }

  private ExpiryService started(int replica) {
    ExpiryService service =
        new ExpiryService(
            platform.connection(Topics.EXPIRY_SERVICE), replica, STAGGER, Clock.systemUTC());
    service.start();
    await().atMost(Duration.ofSeconds(30)).until(service::isReady);
    return service;
  }

  private static Lease lease(Instant end) {
    RequestId request = new RequestId(UUID.randomUUID());
    return new Lease(
        GrantId.of(request, MACHINE).toString(),
        request.toString(),
        MACHINE.value(),
        MACHINE.scope().value(),
        "alice",
        "https://issuer",
        List.of(new PortSelection(22, 22, Protocol.TCP)),
        List.of("203.0.113.7/32"),
        Instant.now(),
        end,
        "web",
        1L,
        LeaseState.ACTIVE,
        null,
        false,
        0L);
  }

  private static Lease reminded(Instant start, Instant end, Duration before) {
    return Lease.newBuilder(lease(end))
        .setStartsAt(start)
        .setReminderMillis(before.toMillis())
        .build();
  }

  private void send(Lease lease) throws Exception {
    send(policyService, lease);
  }

  private void send(EventCodec by, Lease lease) throws Exception {
    send(by, Topics.LEASES, lease.getScope() + "/" + lease.getGrantId(), lease);
  }

  private void send(EventCodec by, Topic topic, String key, SpecificRecord event) throws Exception {
    producer
        .send(
            by.encode(topic, MACHINE.scope(), platform.partitions(), key, event, Optional.empty()))
        .get();
  }

  private List<AccessExpiring> reminders(Lease lease) {
    return probe.all(AccessExpiring.class, e -> e.getGrantId().equals(lease.getGrantId()));
  }

  private AccessExpiring reminder(Lease lease) throws Exception {
    return probe.await(
        AccessExpiring.class,
        e ->
            e.getGrantId().equals(lease.getGrantId())
                && e.getExpiresAt().equals(lease.getExpiresAt()));
  }

  private AccessExpired expired(Lease lease) throws Exception {
    return probe.await(AccessExpired.class, e -> e.getGrantId().equals(lease.getGrantId()));
  }

  private int count(Lease lease) {
    return probe.all(AccessExpired.class, e -> e.getGrantId().equals(lease.getGrantId())).size();
  }

  @Test
  void endsAGrantAtItsEndAndNotBefore() throws Exception {
    try (ExpiryService service = started(0)) {
      Lease lease = lease(Instant.now().plusMillis(400));
      send(lease);
      AccessExpired event = expired(lease);
      assertThat(event.getOccurredAt()).isAfterOrEqualTo(lease.getExpiresAt());
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void whatEndedWhileItWasDownIsMadeOfficialOnceWhenItIsBack() throws Exception {
    Lease lease = lease(Instant.now().minusSeconds(5));
    send(lease);
    try (ExpiryService service = started(0)) {
      expired(lease);
      assertThat(service.isReady()).isTrue();
    }
    Lease later = lease(Instant.now().plusMillis(300));
    send(later);
    try (ExpiryService again = started(0)) {
      expired(later);
      assertThat(again.isReady()).isTrue();
    }
    assertThat(count(lease)).isEqualTo(1);
  }

  @Test
  void aRevokedGrantDoesNotExpireAndAnExtendedOneExpiresLater() throws Exception {
    try (ExpiryService service = started(0)) {
      Lease revoked = lease(Instant.now().plusSeconds(5));
      send(revoked);
      send(
          Lease.newBuilder(revoked)
              .setState(LeaseState.ENDED)
              .setEndReason(EndReason.USER_REQUESTED)
              .build());
      Lease extended = lease(Instant.now().plusSeconds(4));
      send(extended);
      Lease moved =
          Lease.newBuilder(extended).setExpiresAt(extended.getExpiresAt().plusSeconds(2)).build();
      send(moved);
      assertThat(expired(moved).getOccurredAt()).isAfterOrEqualTo(moved.getExpiresAt());
      assertThat(count(moved)).isEqualTo(1);
      assertThat(count(revoked)).isZero();
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void theSecondReplicaKeepsSilentWhenTheFirstHasSpoken() throws Exception {
    try (ExpiryService first = started(0);
        ExpiryService second = started(1)) {
      Lease lease = lease(Instant.now().plusMillis(300));
      send(lease);
      expired(lease);
      Lease marker = lease(Instant.now().plus(STAGGER.multipliedBy(2)));
      send(marker);
      expired(marker);
      assertThat(count(lease)).isEqualTo(1);
      assertThat(first.isReady() && second.isReady()).isTrue();
    }
  }

  @Test
  void theSecondReplicaSpeaksWhenTheFirstIsGone() throws Exception {
    try (ExpiryService second = started(1)) {
      Lease lease = lease(Instant.now().plusMillis(200));
      send(lease);
      assertThat(expired(lease).getOccurredAt())
          .isAfterOrEqualTo(lease.getExpiresAt().plus(STAGGER));
      assertThat(second.isReady()).isTrue();
    }
  }

  @Test
  void forgeriesFromBeforeTheStartNeitherDelayNorSilence() throws Exception {
    Lease lease = lease(Instant.now().plusSeconds(1));
    send(lease);
    EventCodec forger = platform.codec(Topics.AWS_ENFORCER);
    Lease longer =
        Lease.newBuilder(lease).setExpiresAt(lease.getExpiresAt().plusSeconds(3600)).build();
    AccessExpired before =
        new AccessExpired(
            UUID.randomUUID().toString(),
            Instant.now(),
            lease.getGrantId(),
            lease.getRequestId(),
            lease.getMachineId(),
            lease.getScope(),
            lease.getExpiresAt());
    send(forger, longer);
    send(forger, Topics.EXPIRATIONS, lease.getScope(), before);
    try (ExpiryService service = started(0)) {
      AccessExpired event =
          probe.await(
              AccessExpired.class,
              e ->
                  e.getGrantId().equals(lease.getGrantId())
                      && !e.getEventId().equals(before.getEventId()));
      assertThat(event.getOccurredAt()).isAfterOrEqualTo(lease.getExpiresAt());
      assertThat(event.getExpiresAt()).isEqualTo(lease.getExpiresAt());
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void anExtensionThatCrossesTheEndIsEndedAnew() throws Exception {
    try (ExpiryService service = started(0)) {
      Lease lease = lease(Instant.now().plusMillis(200));
      send(lease);
      AccessExpired first = expired(lease);
      Lease moved =
          Lease.newBuilder(lease).setExpiresAt(lease.getExpiresAt().plusMillis(900)).build();
      send(moved);
      AccessExpired second =
          probe.await(
              AccessExpired.class,
              e ->
                  e.getGrantId().equals(moved.getGrantId())
                      && e.getExpiresAt().equals(moved.getExpiresAt()));
      assertThat(second.getEventId()).isNotEqualTo(first.getEventId());
      assertThat(second.getOccurredAt()).isAfterOrEqualTo(moved.getExpiresAt());
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void remindsBeforeTheEndAndAgainWhenItIsExtended() throws Exception {
    try (ExpiryService service = started(0)) {
      Instant now = Instant.now();
      Lease lease = reminded(now, now.plusMillis(2_300), Duration.ofSeconds(2));
      send(lease);
      AccessExpiring event = reminder(lease);
      assertThat(event.getDueAt()).isEqualTo(lease.getExpiresAt().minusSeconds(2));
      assertThat(event.getOccurredAt()).isAfterOrEqualTo(event.getDueAt());
      assertThat(event.getRequestor()).isEqualTo("alice");
      assertThat(event.getRequestorIssuer()).isEqualTo("https://issuer");
      assertThat(count(lease)).isZero();
      Lease moved =
          Lease.newBuilder(lease).setExpiresAt(lease.getExpiresAt().plusSeconds(1)).build();
      send(moved);
      assertThat(reminder(moved).getEventId()).isNotEqualTo(event.getEventId());
      assertThat(expired(moved).getExpiresAt()).isEqualTo(moved.getExpiresAt());
      assertThat(reminders(lease)).hasSize(2);
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void remindsNobodyOfWhatIsOverOrTooShort() throws Exception {
    try (ExpiryService service = started(0)) {
      Instant now = Instant.now();
      Lease revoked = reminded(now, now.plusSeconds(60), Duration.ofMillis(59_500));
      send(revoked);
      send(
          Lease.newBuilder(revoked)
              .setState(LeaseState.ENDED)
              .setEndReason(EndReason.USER_REQUESTED)
              .build());
      Lease tooShort = reminded(now, now.plusMillis(900), Duration.ofSeconds(1));
      send(tooShort);
      expired(tooShort);
      assertThat(reminders(revoked)).isEmpty();
      assertThat(reminders(tooShort)).isEmpty();
      assertThat(service.isReady()).isTrue();
    }
  }

  @Test
  void aReminderThatWasMissedComesLateUnlessTheGrantIsOver() throws Exception {
    Instant now = Instant.now();
    Lease running = reminded(now.minusSeconds(30), now.plusSeconds(600), Duration.ofSeconds(601));
    Lease over = reminded(now.minusSeconds(30), now.minusSeconds(5), Duration.ofSeconds(10));
    send(running);
    send(over);
    // A forgery from before the start silences nothing.
    send(
        platform.codec(Topics.AWS_ENFORCER),
        Topics.EXPIRATIONS,
        running.getScope(),
        new AccessExpiring(
            UUID.randomUUID().toString(),
            now,
            running.getGrantId(),
            running.getRequestId(),
            running.getMachineId(),
            running.getScope(),
            "mallory",
            "",
            running.getExpiresAt().minusSeconds(601),
            running.getExpiresAt()));
    try (ExpiryService first = started(0);
        ExpiryService second = started(1)) {
      expired(over);
      probe.await(
          AccessExpiring.class,
          e -> e.getGrantId().equals(running.getGrantId()) && e.getRequestor().equals("alice"));
      Lease marker = lease(Instant.now().plus(STAGGER.multipliedBy(2)));
      send(marker);
      expired(marker);
      assertThat(reminders(running)).hasSize(2);
      assertThat(reminders(over)).isEmpty();
      assertThat(first.isReady() && second.isReady()).isTrue();
    }
  }

  @Test
  void aReplayOfTheWholeLogFiresNothingAgain() throws Exception {
    Lease lease = lease(Instant.now().plusMillis(300));
    send(lease);
    try (ExpiryService service = started(0)) {
      expired(lease);
      assertThat(service.isReady()).isTrue();
    }
    int before = probe.all(AccessExpired.class, e -> true).size();
    Lease marker = lease(Instant.now().plusMillis(500));
    send(marker);
    try (ExpiryService fresh = started(0)) {
      expired(marker);
      assertThat(fresh.isReady()).isTrue();
    }
    assertThat(probe.all(AccessExpired.class, e -> true)).hasSize(before + 1);
    assertThat(count(lease)).isEqualTo(1);
  }
}
