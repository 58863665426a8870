package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessExpired;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.Assessment;
import io.postern.event.EndReason;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PlanRequested;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.event.RevocationRequested;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import io.postern.policy.domain.OperatorBounds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyServiceIT {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Person ALICE = new Person("alice", "https://issuer", List.of("sre"));

  @TempDir static Path state;

  private static Platform platform;
  private static PolicyService service;
  private static KafkaProducer<byte[], byte[]> producer;
  private static EventCodec requestService;
  private static LogProbe probe;

  @BeforeAll
  static void start() throws Exception {
    platform = SharedPlatform.get();
    producer = platform.kafka().newProducer("test");
    requestService = platform.codec(Topics.REQUEST_SERVICE);
    probe =
        LogProbe.on(
            platform,
            Topics.DECISIONS.name(),
            Topics.LEASES.name(),
            Topics.POLICIES.name(),
            Topics.REQUESTS.deadLetter(Topics.POLICY_SERVICE),
            Topics.POLICY_CHANGES.deadLetter(Topics.POLICY_SERVICE));
    machineIsSeen();
    service = newService();
    service.start();
    await().atMost(Duration.ofSeconds(60)).until(service::isReady);
    putPolicy("web");
  }

  private static PolicyService newService() {
    return new PolicyService(
        platform.connection(Topics.POLICY_SERVICE),
        new Producers(Map.of(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY)),
        new PolicyService.Settings(
            "it", state, OperatorBounds.DEFAULT, Set.of("admins"), Set.of(Topics.REQUEST_SERVICE)),
        Clock.systemUTC());
  }

  @AfterAll
  static void stop() {
    service.close();
    probe.close();
    producer.close();
  }

  private static void machineIsSeen() throws Exception {
    MachineAssessed seen =
        MachineAssessed.newBuilder()
            .setMachineId(MACHINE.value())
            .setScope(MACHINE.scope().value())
            .setName("web-01")
            .setTags(Map.of("env", "prod"))
            .setPrivateAddresses(List.of("10.2.0.10"))
            .setPublicAddresses(List.of())
            .setRunning(true)
            .setRuleSets(List.of())
            .setAssessment(Assessment.UNKNOWN)
            .setReason("test")
            .setAssessedAt(Instant.now())
            .build();
    producer
        .send(
            platform
                .codec(Topics.AWS_ENFORCER)
                .encode(
                    Topics.MACHINES,
                    MACHINE.scope(),
                    platform.partitions(),
                    MACHINE.value(),
                    seen,
                    Optional.empty()))
        .get();
  }

  private static void putPolicy(String name) throws Exception {
    PolicyPut put = put(name, false);
    send(put);
    probe.await(JitPolicy.class, p -> p.getChangeId().equals(put.getEventId()));
  }

  private static void send(PolicyPut put) throws Exception {
    producer
        .send(
            requestService.encode(Topics.POLICY_CHANGES, put.getPolicyId(), put, Optional.empty()))
        .get();
  }

  private static PolicyPut put(String name, boolean dryRun) {
    Policy policy =
        new Policy(
            new PolicyId(name),
            0,
            List.of(new MachineSelector.ById(MACHINE)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    return new PolicyPut(
        UUID.randomUUID().toString(),
        Instant.now(),
        name,
        new Person("root", "https://issuer", List.of("admins")),
        Convert.toEvent(policy),
        null,
        dryRun);
  }

  @Test
  void aRehearsalIsPassedOnToTheScopesConcernedAndPutsNothing() throws Exception {
    PolicyPut put = put("web", true);
    send(put);

    PlanRequested asked =
        probe.await(PlanRequested.class, p -> p.getChangeId().equals(put.getEventId()));

    assertThat(asked.getScope()).isEqualTo(MACHINE.scope().value());
    assertThat(asked.getDocument()).isEqualTo(put.getDocument());
    putPolicy("web");
    assertThat(probe.all(JitPolicy.class, p -> p.getChangeId().equals(put.getEventId()))).isEmpty();
  }

  private static RequestSubmitted request(int port, String source) {
    String id = UUID.randomUUID().toString();
    return new RequestSubmitted(
        Ids.derived("submitted", id).toString(),
        Instant.now(),
        id,
        ALICE,
        List.of(MACHINE.value()),
        List.of(new PortSelection(port, port, Protocol.TCP)),
        List.of(source),
        Duration.ofMinutes(15).toMillis(),
        null,
        null,
        false,
        false);
  }

  private static ProducerRecord<byte[], byte[]> encoded(RequestSubmitted request) {
    return requestService.encode(
        Topics.REQUESTS, request.getRequestId(), request, Optional.empty());
  }

  private static AccessGranted granted(RequestSubmitted request) throws Exception {
    producer.send(encoded(request)).get();
    return probe.await(AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
  }

  @Test
  void grantsWhatThePolicyAllowsAndKeepsALeaseUntilItIsEndedAndClosed() throws Exception {
    AccessGranted granted = granted(request(22, "203.0.113.7"));
    assertThat(granted.getSources()).containsExactly("203.0.113.7/32");
    assertThat(granted.getChecks()).extracting(c -> c.getName()).contains("requestor", "sources");
    Lease lease = probe.await(Lease.class, l -> l.getGrantId().equals(granted.getGrantId()));
    assertThat(lease.getState()).isEqualTo(LeaseState.ACTIVE);

    AccessExpired expired =
        new AccessExpired(
            UUID.randomUUID().toString(),
            Instant.now(),
            granted.getGrantId(),
            granted.getRequestId(),
            MACHINE.value(),
            MACHINE.scope().value(),
            granted.getExpiresAt());
    send(Topics.EXPIRY_SERVICE, Topics.EXPIRATIONS, expired);
    probe.await(
        Lease.class,
        l ->
            l.getGrantId().equals(granted.getGrantId())
                && l.getState() == LeaseState.ENDED
                && l.getEndReason() == EndReason.EXPIRED);
    AccessClosed closed =
        new AccessClosed(
            UUID.randomUUID().toString(),
            Instant.now(),
            granted.getGrantId(),
            granted.getRequestId(),
            MACHINE.value(),
            MACHINE.scope().value(),
            EndReason.EXPIRED,
            "");
    send(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, closed);
    probe.awaitSeen(
        "tombstone",
        s ->
            s.record().topic().equals(Topics.LEASES.name())
                && s.record().value() == null
                && new String(s.record().key(), StandardCharsets.UTF_8)
                    .endsWith("/" + granted.getGrantId()));
  }

  @Test
  void aDecisionAndItsLeaseAreOnTheLogUnderOneSignature() throws Exception {
    AccessGranted granted = granted(request(22, "203.0.113.9"));
    probe.await(Lease.class, l -> l.getGrantId().equals(granted.getGrantId()));
    String decision = signature(Topics.DECISIONS, granted.getGrantId());
    String lease = signature(Topics.LEASES, granted.getGrantId());
    assertThat(decision.substring(0, decision.indexOf('~')))
        .isEqualTo(lease.substring(0, lease.indexOf('~')));
    assertThat(decision).isNotEqualTo(lease);
  }

  private static String signature(Topic topic, String subject) throws InterruptedException {
    LogProbe.Seen seen =
        probe.awaitSeen(
            "record about " + subject,
            s ->
                s.record().topic().equals(topic.name())
                    && subject.equals(Headers.text(s.record().headers(), Headers.SUBJECT)));
    return String.valueOf(Headers.text(seen.record().headers(), Headers.SIGNATURE));
  }

  private static void send(
      String writer, Topic topic, org.apache.avro.specific.SpecificRecord event) throws Exception {
    producer
        .send(
            platform
                .codec(writer)
                .encode(
                    topic,
                    MACHINE.scope(),
                    platform.partitions(),
                    MACHINE.scope().value(),
                    event,
                    Optional.empty()))
        .get();
  }

  @Test
  void deniesWithTheReason() throws Exception {
    RequestSubmitted request = request(3389, "203.0.113.7");
    producer.send(encoded(request)).get();
    AccessDenied denied =
        probe.await(AccessDenied.class, d -> d.getRequestId().equals(request.getRequestId()));
    assertThat(denied.getReasons().get(0).getCode()).isEqualTo("POLICY_UNSATISFIED");
    assertThat(denied.getReasons().get(0).getMessage()).contains("3389");
  }

  @Test
  void theSameRequestTwiceHasOneDecision() throws Exception {
    RequestSubmitted request = request(22, "203.0.113.9");
    granted(request);
    producer.send(encoded(request)).get();
    granted(request(22, "203.0.113.10"));
    assertThat(probe.all(AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId())))
        .hasSize(1);
  }

  @Test
  void aNewerRequestForTheSameSupersedesTheOlderOne() throws Exception {
    AccessGranted first = granted(request(22, "203.0.113.20"));
    granted(request(22, "203.0.113.20"));
    AccessRevoked revoked =
        probe.await(AccessRevoked.class, r -> r.getGrantId().equals(first.getGrantId()));
    assertThat(revoked.getReason()).isEqualTo(EndReason.NEWER_REQUEST_INITIATED);
  }

  @Test
  void brokenUnsignedAndForeignRecordsAreDeadLetteredAndTheNextGoodOneGoesThrough()
      throws Exception {
    byte[] key = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(Topics.REQUESTS.name(), key, new byte[] {1, 2, 3})).get();
    awaitDeadLetter(key, PoisonException.Cause.UNSIGNED);

    RequestSubmitted unsigned = request(22, "203.0.113.30");
    ProducerRecord<byte[], byte[]> record = encoded(unsigned);
    record.headers().remove(Headers.SIGNATURE);
    producer.send(record).get();
    awaitDeadLetter(record.key(), PoisonException.Cause.UNSIGNED);

    ProducerRecord<byte[], byte[]> altered = encoded(request(22, "203.0.113.31"));
    altered.value()[altered.value().length - 1] ^= 1;
    producer.send(altered).get();
    awaitDeadLetter(altered.key(), PoisonException.Cause.BAD_SIGNATURE);

    ProducerRecord<byte[], byte[]> malformed = encoded(request(22, "203.0.113.300"));
    producer.send(malformed).get();
    awaitDeadLetter(malformed.key(), PoisonException.Cause.INVALID_CONTENT);

    RequestSubmitted good = request(22, "203.0.113.32");
    ProducerRecord<byte[], byte[]> byEnforcer =
        platform
            .codec(Topics.AWS_ENFORCER)
            .encode(Topics.REQUESTS, good.getRequestId(), good, Optional.empty());
    producer.send(byEnforcer).get();
    awaitDeadLetter(byEnforcer.key(), PoisonException.Cause.NOT_ALLOWED_TO_SPEAK);

    assertThat(granted(good).getSources()).containsExactly("203.0.113.32/32");
  }

  private static void awaitDeadLetter(byte[] key, PoisonException.Cause why) throws Exception {
    probe.awaitSeen(
        "dead letter " + why,
        s ->
            s.record().topic().equals(Topics.REQUESTS.deadLetter(Topics.POLICY_SERVICE))
                && java.util.Arrays.equals(s.record().key(), key)
                && why.name().equals(Headers.text(s.record().headers(), Headers.DLT_REASON)));
  }

  @Test
  void onlyTheSamePersonOfTheSameIssuerOrAnAdminEndsAGrant() throws Exception {
    AccessGranted granted = granted(request(22, "203.0.113.50"));
    revoke(granted, new Person("alice", "https://elsewhere", List.of()));
    revoke(granted, new Person("bob", "https://issuer", List.of()));
    AccessGranted marker = granted(request(22, "203.0.113.51"));
    revoke(marker, ALICE);
    assertThat(revoked(marker).getReason()).isEqualTo(EndReason.USER_REQUESTED);
    assertThat(probe.all(AccessRevoked.class, r -> r.getGrantId().equals(granted.getGrantId())))
        .isEmpty();
    revoke(granted, new Person("root", "https://issuer", List.of("admins")));
    assertThat(revoked(granted).getReason()).isEqualTo(EndReason.ADMIN_REVOKED);
  }

  private static AccessRevoked revoked(AccessGranted granted) throws InterruptedException {
    return probe.await(AccessRevoked.class, r -> r.getGrantId().equals(granted.getGrantId()));
  }

  // Keyed by the machine here, so that the wishes keep their order.
  private static void revoke(AccessGranted granted, Person by) throws Exception {
    RevocationRequested wish =
        new RevocationRequested(
            UUID.randomUUID().toString(),
            Instant.now(),
            by,
            granted.getGrantId(),
            MACHINE.value(),
            null);
    producer
        .send(requestService.encode(Topics.REQUESTS, "revocations", wish, Optional.empty()))
        .get();
  }

  @Test
  void aPolicyThatWouldTieWithAnotherIsRefused() throws Exception {
    PolicyPut put = put("web-more", false);
    producer
        .send(requestService.encode(Topics.POLICY_CHANGES, "web-more", put, Optional.empty()))
        .get();
    probe.awaitSeen(
        "dead letter",
        s ->
            s.record().topic().equals(Topics.POLICY_CHANGES.deadLetter(Topics.POLICY_SERVICE))
                && String.valueOf(Headers.text(s.record().headers(), Headers.DLT_MESSAGE))
                    .contains("just as closely as policy web"));
  }

  @Test
  void aRemovedPolicyEndsItsGrants() throws Exception {
    AccessGranted granted = granted(request(22, "203.0.113.40"));
    PolicyDeleted deleted =
        new PolicyDeleted(
            UUID.randomUUID().toString(),
            Instant.now(),
            "web",
            new Person("root", "https://issuer", List.of("admins")),
            null);
    producer
        .send(requestService.encode(Topics.POLICY_CHANGES, "web", deleted, Optional.empty()))
        .get();
    AccessRevoked revoked =
        probe.await(AccessRevoked.class, r -> r.getGrantId().equals(granted.getGrantId()));
    assertThat(revoked.getReason()).isEqualTo(EndReason.POLICY_REMOVED);
    putPolicy("web");
  }
}
