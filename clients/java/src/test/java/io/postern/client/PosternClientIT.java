package io.postern.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.EndReason;
import io.postern.event.Endpoint;
import io.postern.event.EnforcementFailed;
import io.postern.event.EnforcementOperation;
import io.postern.event.Person;
import io.postern.event.Protocol;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.log.EventCodec;
import io.postern.log.LogConnection;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.RegisteredProducers.KeyType;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import io.postern.platform.ServiceKeys;
import io.postern.platform.SharedPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client on a real broker and registry; the test plays the services. */
class PosternClientIT {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final String SCOPE = MACHINE.scope().value();
  private static final Person BOT = new Person("bot", "bot", List.of());
  private static final Wish WISH =
      Wish.tcp(BOT, MACHINE.value(), 22, "203.0.113.7/32", Duration.ofMinutes(15)).because("INC-1");

  @TempDir static Path directory;

  private static Platform platform;
  private static KafkaProducer<byte[], byte[]> services;
  private static LogProbe probe;
  private static PosternClient client;

  @BeforeAll
  static void start() throws Exception {
    platform = SharedPlatform.get();
    JWK key = platform.keys().producers().newKey("bot", KeyType.ED25519);
    SpeaksFor itself = new SpeaksFor(List.of("bot"), List.of(), List.of(), List.of());
    platform.keys().producers().add("bot", key, itself);
    Path trust = platform.keys().trust();
    ServiceKeys.in(Objects.requireNonNull(trust.getParent()));
    Path keyFile = Files.writeString(directory.resolve("bot.jwk"), key.toJSONString());
    services = platform.kafka().newProducer("services");
    probe = LogProbe.on(platform, Topics.REQUESTS.name());
    client =
        PosternClient.connect(
            new LogConnection(
                platform.connection(Topics.REQUEST_SERVICE).bootstrapServers(),
                Map.of(),
                platform.registryUrl(),
                keyFile,
                trust,
                0,
                List.of()));
  }

  @AfterAll
  static void stop() {
    client.close();
    probe.close();
    services.close();
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static void assertNotOpened(
      CompletableFuture<?> future, NotOpenedException.Cause reason, String message) {
    assertThatThrownBy(() -> soon(future))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            NotOpenedException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static void says(String service, Topic topic, SpecificRecord event) throws Exception {
    services
        .send(
            platform
                .codec(service)
                .encode(
                    topic, MACHINE.scope(), platform.partitions(), SCOPE, event, Optional.empty()))
        .get();
  }

  // As precise as events are.
  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  private static AccessGranted granted(Access access) {
    Instant now = now();
    return new AccessGranted(
        id(),
        now,
        id(),
        access.requestId(),
        MACHINE.value(),
        SCOPE,
        BOT,
        WISH.ports(),
        WISH.sources(),
        now,
        now,
        now.plusSeconds(900),
        "p",
        1L,
        List.of(),
        List.of(),
        "d",
        null);
  }

  private static AccessOpened opened(Access access) {
    return new AccessOpened(
        id(),
        now(),
        id(),
        access.requestId(),
        MACHINE.value(),
        SCOPE,
        WISH.sources(),
        List.of(new Endpoint("54.220.1.10", 22, Protocol.TCP)),
        now(),
        List.of(),
        "stay");
  }

  private static AccessClosed closed(Access access) {
    return new AccessClosed(
        id(), now(), id(), access.requestId(), MACHINE.value(), SCOPE, EndReason.EXPIRED, "stay");
  }

  @Test
  void aRequestIsSignedByTheBotAndFollowedToItsEnd() throws Exception {
    Access access = client.ask(WISH);
    ConsumerRecord<byte[], byte[]> record =
        probe
            .awaitSeen(
                "request", s -> s.event().filter(e -> isRequest(e, access.requestId())).isPresent())
            .record();
    EventCodec.Received received =
        platform.codec(Topics.POLICY_SERVICE).read(Topics.REQUESTS, record);
    assertThat(received.signature().owner()).isEqualTo("bot");
    RequestSubmitted asked = (RequestSubmitted) received.event();
    assertThat(asked.getRequestor()).isEqualTo(BOT);
    assertThat(asked.getMachines()).containsExactly(MACHINE.value());
    assertThat(asked.getJustification()).isEqualTo("INC-1");

    AccessGranted granted = granted(access);
    AccessOpened opened = opened(access);
    AccessClosed closed = closed(access);
    says(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, opened);
    assertThat(soon(access.opened())).isEqualTo(opened);
    says(Topics.POLICY_SERVICE, Topics.DECISIONS, granted);
    assertThat(soon(access.granted())).isEqualTo(granted);
    assertThat(access.closed()).isNotDone();
    says(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, closed);
    assertThat(soon(access.closed())).isEqualTo(closed);
  }

  private static boolean isRequest(SpecificRecord event, String requestId) {
    return event instanceof RequestSubmitted r && r.getRequestId().equals(requestId);
  }

  @Test
  void aDenialEndsEverything() throws Exception {
    Access access = client.ask(WISH);
    says(
        Topics.POLICY_SERVICE,
        Topics.DECISIONS,
        new AccessDenied(
            id(),
            now(),
            access.requestId(),
            MACHINE.value(),
            SCOPE,
            BOT,
            List.of(new Reason("NOT_ENTITLED", "not you")),
            null,
            0L,
            List.of(),
            "d"));
    assertNotOpened(access.granted(), NotOpenedException.Cause.DENIED, "NOT_ENTITLED: not you");
    assertNotOpened(access.opened(), NotOpenedException.Cause.DENIED, "not you");
    assertNotOpened(access.closed(), NotOpenedException.Cause.DENIED, "not you");
  }

  @Test
  void aRecordThatWasNotBelievedEndsEverything() throws Exception {
    Access access = client.ask(WISH);
    ConsumerRecord<byte[], byte[]> record =
        probe
            .awaitSeen(
                "request", s -> s.event().filter(e -> isRequest(e, access.requestId())).isPresent())
            .record();
    PoisonException why =
        new PoisonException(PoisonException.Cause.NOT_ALLOWED_TO_SPEAK, "not for them");
    services
        .send(platform.codec(Topics.POLICY_SERVICE).deadLetter(Topics.REQUESTS, record, why))
        .get();
    assertNotOpened(
        access.granted(), NotOpenedException.Cause.REFUSED, "NOT_ALLOWED_TO_SPEAK: not for them");
  }

  @Test
  void whatCannotBeOpenedIsSaidOnceTheEnforcerGivesUp() throws Exception {
    Access access = client.ask(WISH);
    says(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, failed(access, true));
    says(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, failed(access, false));
    assertNotOpened(access.opened(), NotOpenedException.Cause.FAILED, "CLOUD_DENIED: last");
  }

  private static EnforcementFailed failed(Access access, boolean willRetry) {
    return new EnforcementFailed(
        id(),
        now(),
        null,
        access.requestId(),
        MACHINE.value(),
        SCOPE,
        EnforcementOperation.OPEN,
        "CLOUD_DENIED",
        willRetry ? "first" : "last",
        willRetry);
  }

  @Test
  void anAnswerThatTheWritersDidNotSignIsNoAnswer() throws Exception {
    Access access = client.ask(WISH);
    says(Topics.EXPIRY_SERVICE, Topics.ENFORCEMENT, opened(access));
    ProducerRecord<byte[], byte[]> unsigned =
        platform
            .codec(Topics.AWS_ENFORCER)
            .encode(
                Topics.ENFORCEMENT,
                MACHINE.scope(),
                platform.partitions(),
                SCOPE,
                opened(access),
                Optional.empty());
    unsigned.headers().remove("postern-signature");
    services.send(unsigned).get();
    AccessOpened real = opened(access);
    says(Topics.AWS_ENFORCER, Topics.ENFORCEMENT, real);
    assertThat(soon(access.opened())).isEqualTo(real);
  }
}
