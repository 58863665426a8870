package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.Commands.Ran;
import io.postern.event.AccessExpired;
import io.postern.event.RevocationRequested;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DeadLetterIT {
  private static Platform platform;

  @BeforeAll
  static void start() {
    platform = SharedPlatform.get();
  }

  private static Ran run(String... args) {
    return Commands.run(platform, args);
  }

  /** Dead-letters an event as the reader would; answers the letter's id. */
  private static String deadLetter(
      Topic topic, String reader, EventCodec writer, String key, SpecificRecord event)
      throws Exception {
    ProducerRecord<byte[], byte[]> written = writer.encode(topic, key, event, Optional.empty());
    ConsumerRecord<byte[], byte[]> read =
        new ConsumerRecord<>(
            topic.name(),
            2,
            17,
            0L,
            TimestampType.LOG_APPEND_TIME,
            written.key().length,
            written.value().length,
            written.key(),
            written.value(),
            written.headers(),
            Optional.empty());
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("it")) {
      var at =
          producer
              .send(
                  platform
                      .codec(reader)
                      .deadLetter(
                          topic,
                          read,
                          new PoisonException(
                              PoisonException.Cause.NOT_ALLOWED_TO_SPEAK, "not for alice")))
              .get();
      return at.topic() + "/" + at.partition() + "/" + at.offset();
    }
  }

  private static EventCodec signingAt(Instant when) {
    return platform
        .connection(Topics.REQUEST_SERVICE)
        .codec(Topics.REQUEST_SERVICE, java.time.Clock.fixed(when, java.time.ZoneOffset.UTC));
  }

  @Test
  void listsShowsAndPutsBackWhatWasThereByteForByte() throws Exception {
    String eventId = UUID.randomUUID().toString();
    RevocationRequested wish = Revocations.event(eventId);
    String id =
        deadLetter(
            Topics.REQUESTS,
            Topics.POLICY_SERVICE,
            signingAt(Instant.now()),
            wish.getGrantId(),
            wish);
    Ran listed = run("dead-letters", "list", "jit.requests");
    assertThat(listed.exitCode()).isZero();
    assertThat(listed.out())
        .contains(id)
        .contains("RevocationRequested")
        .contains("NOT_ALLOWED_TO_SPEAK: not for alice");

    JsonNode shown = JsonMapper.shared().readTree(run("dead-letters", "show", id, "--json").out());
    assertThat(shown.path("reason").stringValue()).isEqualTo("NOT_ALLOWED_TO_SPEAK");
    assertThat(shown.path("offset").stringValue()).isEqualTo("17");
    assertThat(shown.path("event").stringValue()).contains("\"alice\"").contains(eventId);
    assertThat(shown.path("replay").stringValue()).isEqualTo("its signature holds now");

    Ran replayed = run("dead-letters", "replay", id);
    assertThat(replayed.exitCode()).as(replayed.err()).isZero();
    try (LogProbe probe = LogProbe.on(platform, Topics.REQUESTS.name())) {
      LogProbe.Seen seen =
          probe.awaitSeen(
              eventId, s -> eventId.equals(Headers.text(s.record().headers(), Headers.ID)));
      assertThat(seen.event()).contains(wish);
      assertThat(Arrays.stream(seen.record().headers().toArray()).map(h -> h.key()))
          .noneMatch(h -> h.startsWith("postern-dlt"))
          .contains(Headers.SIGNATURE, Headers.TYPE);
      EventCodec.Received received =
          platform.codec(Topics.POLICY_SERVICE).read(Topics.REQUESTS, seen.record());
      assertThat(received.signature().owner()).isEqualTo(Topics.REQUEST_SERVICE);
    }
  }

  @Test
  void anOldSignatureIsNotReplayedButMayBeReplaced() throws Exception {
    String eventId = UUID.randomUUID().toString();
    RevocationRequested wish = Revocations.event(eventId);
    Instant longAgo = Instant.now().minus(Duration.ofHours(2));
    String id =
        deadLetter(
            Topics.REQUESTS, Topics.POLICY_SERVICE, signingAt(longAgo), wish.getGrantId(), wish);
    Ran refused = run("dead-letters", "replay", id);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("would be refused again").contains("PT5M");

    Ran anew =
        run(
            "dead-letters",
            "replay",
            id,
            "--sign-with",
            platform.keys().signingKey(Topics.REQUEST_SERVICE).toString());
    assertThat(anew.exitCode()).as(anew.err()).isZero();
    try (LogProbe probe = LogProbe.on(platform, Topics.REQUESTS.name())) {
      LogProbe.Seen seen =
          probe.awaitSeen(
              eventId, s -> eventId.equals(Headers.text(s.record().headers(), Headers.ID)));
      TrustStore.Signed signed =
          platform.codec(Topics.POLICY_SERVICE).read(Topics.REQUESTS, seen.record()).signature();
      assertThat(signed.signedAt()).isAfter(longAgo.plus(Duration.ofHours(1)));
      assertThat(seen.record().headers().headers(Headers.SIGNATURE)).hasSize(1);
    }
  }

  @Test
  void aTopicWithOneWriterGetsNoSecondOne() throws Exception {
    AccessExpired expired =
        AccessExpired.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setOccurredAt(Instant.now())
            .setGrantId("g")
            .setRequestId("r")
            .setMachineId("m")
            .setScope("azure:s")
            .setExpiresAt(Instant.now())
            .build();
    String id =
        deadLetter(
            Topics.EXPIRATIONS,
            Topics.AWS_ENFORCER,
            platform.codec(Topics.EXPIRY_SERVICE),
            "azure:s",
            expired);
    Ran ran = run("dead-letters", "replay", id, "--force");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("only expiry-service writes jit.expirations");
    Ran all = run("dead-letters", "replay", "--all", "jit.expirations");
    assertThat(all.exitCode()).isEqualTo(1);
  }

  @Test
  void saysWhatIsWrongWithTheCommandLine(@TempDir Path directory) throws Exception {
    assertThat(run("dead-letters", "replay").err()).contains("--all TOPIC");
    assertThat(run("dead-letters", "list", "jit.nothing"))
        .satisfies(
            r -> {
              assertThat(r.exitCode()).isEqualTo(2);
              assertThat(r.err()).contains("jit.nothing");
            });
    assertThat(run("dead-letters", "show", "jit.requests.policy-service-dlt/0/999999").err())
        .contains("there is no dead letter");
    assertThat(run("audit", "show").exitCode()).isEqualTo(2);
    assertThat(run("audit", "verify", "--from", "/nowhere/at/all").err())
        .contains("there is no directory");
    Path impatient =
        Files.writeString(directory.resolve("kafka.properties"), "default.api.timeout.ms=500");
    assertThat(
            run(
                    "audit",
                    "verify",
                    "--bootstrap",
                    "127.0.0.1:1",
                    "--kafka-config",
                    impatient.toString())
                .exitCode())
        .isEqualTo(4);
  }
}
