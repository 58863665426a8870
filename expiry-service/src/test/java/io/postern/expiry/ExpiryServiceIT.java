package io.postern.expiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessExpired;
import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.expiry.kafka.ExpiryService;
import io.postern.log.EventCodec;
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

  private void send(Lease lease) throws Exception {
    producer
        .send(
            policyService.encode(
                Topics.LEASES,
                MACHINE.scope(),
                platform.partitions(),
                lease.getScope() + "/" + lease.getGrantId(),
                lease,
                Optional.empty()))
        .get();
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
    String key = lease.getScope() + "/" + lease.getGrantId();
    producer
        .send(
            forger.encode(
                Topics.LEASES,
                MACHINE.scope(),
                platform.partitions(),
                key,
                longer,
                Optional.empty()))
        .get();
    producer
        .send(
            forger.encode(
                Topics.EXPIRATIONS,
                MACHINE.scope(),
                platform.partitions(),
                lease.getScope(),
                before,
                Optional.empty()))
        .get();
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
