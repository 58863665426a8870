package io.postern.audit;

import static io.postern.audit.AuditedLog.SOON;
import static io.postern.audit.AuditedLog.findings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.audit.Commands.Ran;
import io.postern.audit.domain.Finding;
import io.postern.audit.log.AuditConsumer;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The audit consumer, verification and export on a real log, which each test finds as the last left
 * it.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AuditIT {
  private static final Duration OFTEN = Duration.ofMillis(200);
  private static final long SEED = Long.getLong("postern.seed", System.nanoTime());

  private static Platform platform;
  private static AuditedLog log;
  @TempDir static Path directory;

  @BeforeAll
  static void start() {
    platform = SharedPlatform.get();
    log = new AuditedLog(platform);
  }

  private static Ran run(String... args) {
    return Commands.run(platform, args);
  }

  @Test
  @Order(1)
  void checkpointsGoOnOverKillsAsIfNothingHadBeen() throws Exception {
    for (int kill = 0; kill < 3; kill++) {
      long before = log.checkpoints();
      Process process =
          Commands.start(
              platform,
              directory.resolve("child-" + kill + ".log"),
              "audit",
              "run",
              "--key",
              platform.keys().signingKey(Topics.AUDIT).toString(),
              "--interval",
              "PT0.1S");
      try {
        log.write(40);
        await().atMost(SOON).until(() -> log.checkpoints() > before);
        log.write(3);
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    try (AuditConsumer last = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      log.awaitAllProven();
      assertThat(last.isReady()).isTrue();
    }
    assertThat(log.verify(Duration.ofDays(90)))
        .allSatisfy(v -> assertThat(v.before()).as("the chain begins at its beginning").isZero());
  }

  @Test
  @Order(2)
  void theNewerConsumerTakesOverAndTheOlderEnds() throws Exception {
    try (AuditConsumer older = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      await().atMost(SOON).until(older::isReady);
      try (AuditConsumer newer = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
        await().atMost(SOON).until(newer::isReady);
        log.write(5);
        assertThat(older.awaitEnd()).contains("another audit consumer has taken over");
        log.awaitAllProven();
      }
    }
  }

  @Test
  @Order(3)
  void anExportIsVerifiedWithoutKafkaAndGoesOnWhereItWas() throws Exception {
    Path copy = directory.resolve("copy");
    assertThat(run("audit", "export", copy.toString()).exitCode()).isZero();
    try (AuditConsumer audit = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      log.write(10);
      log.awaitAllProven();
    }
    // An export that is killed leaves records whose checkpoints it did not come to.
    Path checkpoints;
    try (Stream<Path> files = Files.list(copy.resolve("jit.decisions").resolve("0"))) {
      checkpoints =
          files.filter(f -> f.toString().endsWith(".checkpoints.jsonl")).findFirst().orElseThrow();
    }
    Files.delete(checkpoints);
    assertThat(offline("audit", "verify", "--from", copy.toString()).exitCode()).isEqualTo(1);

    assertThat(run("audit", "export", copy.toString()).exitCode()).isZero();
    Ran verified = offline("audit", "verify", "--from", copy.toString());
    assertThat(verified.exitCode()).as(verified.out()).isZero();
    assertThat(verified.out()).contains("%,d records of ".formatted(log.committed()));
    Ran again = run("audit", "export", copy.toString());
    assertThat(again.out()).contains("0 records under 0 checkpoints were added");
  }

  /** Without any Kafka. */
  private static Ran offline(String... args) {
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--bootstrap";
    all[args.length + 1] = "127.0.0.1:1";
    return run(all);
  }

  @Test
  @Order(4)
  void whateverLineOfACopyIsTamperedWithIsFound() throws Exception {
    Path copy = directory.resolve("copy");
    Random random = new Random(SEED);
    List<Path> files;
    try (Stream<Path> all = Files.walk(copy)) {
      files = all.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
    }
    for (int i = 0; i < 60; i++) {
      Path file = files.get(random.nextInt(files.size()));
      List<String> honest = Files.readAllLines(file);
      List<String> lines = new ArrayList<>(honest);
      int at = random.nextInt(lines.size());
      String what =
          switch (random.nextInt(4)) {
            case 0 -> {
              lines.remove(at);
              yield "line dropped";
            }
            case 1 -> {
              String line = lines.get(at);
              int value = line.indexOf("\"value\":\"") + 9;
              char first = line.charAt(value + 8);
              lines.set(
                  at,
                  line.substring(0, value + 8)
                      + (first == 'A' ? 'B' : 'A')
                      + line.substring(value + 9));
              yield "value changed";
            }
            case 2 -> {
              lines.set(at, lines.get(at).substring(0, lines.get(at).length() / 2));
              yield "line cut";
            }
            default -> {
              lines.set(at, lines.get(at).replaceFirst("\"timestamp\":\\d+", "\"timestamp\":17"));
              yield "time changed";
            }
          };
      // The time of a checkpoint's record is in no signature; its own is in the value.
      boolean harmless = what.equals("time changed") && file.toString().contains("checkpoints");
      Files.write(file, lines);
      Ran ran = offline("audit", "verify", "--from", copy.toString());
      assertThat(ran.exitCode())
          .as("%s in line %d of %s, change %d of seed %d: %s", what, at + 1, file, i, SEED, ran)
          .isEqualTo(harmless ? 0 : 1);
      if (!harmless) {
        assertThat(ran.out()).contains("NOT AS IT WAS");
      }
      Files.write(file, honest);
    }
    assertThat(offline("audit", "verify", "--from", copy.toString()).exitCode()).isZero();
  }

  @Test
  @Order(5)
  void aCopyInABucketIsWrittenAndVerifiedByTheSameCommands() {
    S3Mock s3 = S3Mock.get();
    String bucket = "s3://" + s3.newBucket() + "/copies/a";
    String[] at = {"--s3-endpoint", s3.url()};
    Ran exported = run("audit", "export", "--to", bucket, at[0], at[1]);
    assertThat(exported.exitCode()).as(exported.toString()).isZero();
    Ran verified = offline("audit", "verify", "--from", bucket, at[0], at[1]);
    assertThat(verified.exitCode()).as(verified.toString()).isZero();
    assertThat(verified.out()).contains("%,d records of ".formatted(log.committed()));
    Ran again = run("audit", "export", "--to", bucket, at[0], at[1]);
    assertThat(again.out()).contains("0 records under 0 checkpoints were added to " + bucket);
  }

  @Test
  @Order(5)
  void aBucketThatCannotBeUsedIsNamed() {
    String[] at = {"--s3-endpoint", S3Mock.get().url()};
    Ran missing = run("audit", "export", "--to", "s3://nobodys/copy", at[0], at[1]);
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("s3://nobodys/copy/").contains("NoSuchBucket");
    Ran nobody = run("audit", "verify", "--from", "s3://abc/copy", at[0], "http://127.0.0.1:1");
    assertThat(nobody.exitCode()).as(nobody.toString()).isEqualTo(4);
    Ran wrong = run("audit", "export", "--to", "s3://A_B/copy", at[0], at[1]);
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("not s3://BUCKET");
    Ran locked = run("audit", "export", directory.resolve("x").toString(), "--retain", "P1D");
    assertThat(locked.exitCode()).isEqualTo(2);
    assertThat(locked.err()).contains("a directory has no locks");
  }

  @Test
  @Order(5)
  void aNoteOfEarlierShowsThatTheEndWasCutOffWithItsCheckpoints() throws Exception {
    Path copy = directory.resolve("copy");
    Path note = directory.resolve("note");
    Ran noted = offline("audit", "verify", "--from", copy.toString(), "--note", note.toString());
    assertThat(noted.exitCode()).isZero();
    for (String suffix : List.of(".records.jsonl", ".checkpoints.jsonl")) {
      try (Stream<Path> files = Files.list(copy.resolve("jit.expirations").resolve("0"))) {
        Path file = files.filter(f -> f.toString().endsWith(suffix)).findFirst().orElseThrow();
        Files.write(file, List.of());
      }
    }
    assertThat(offline("audit", "verify", "--from", copy.toString()).exitCode())
        .as("a cut together with its checkpoints looks like a copy made earlier")
        .isZero();
    Ran witnessed =
        offline("audit", "verify", "--from", copy.toString(), "--witness", note.toString());
    assertThat(witnessed.exitCode()).isEqualTo(1);
    assertThat(witnessed.out()).contains("jit.expirations/0").contains("witness");
  }

  @Test
  @Order(6)
  void whatIsDeletedFromTheLogBeforeItsTimeIsNamed() throws Exception {
    try (Admin admin = Admin.create(platform.kafka().admin())) {
      TopicPartition partition = new TopicPartition(Topics.EXPIRATIONS.name(), 0);
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(20))).all().get();
    }
    assertThat(findings(log.verify(Duration.ofDays(90))))
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.DROPPED);
              assertThat(f.place().topic()).isEqualTo(Topics.EXPIRATIONS.name());
              assertThat(f.offset()).isZero();
            });
    assertThat(findings(log.verify(Duration.ZERO))).as("retention may delete the head").isEmpty();
    Ran ran = run("audit", "verify", "--retention", "PT0S");
    assertThat(ran.exitCode()).as(ran.out()).isZero();
  }

  @Test
  @Order(7)
  void aCheckpointOfSomebodyElseIsRefusedAndTheConsumerGoesOn() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("forger")) {
      var event =
          new io.postern.event.Checkpoint(
              Topics.DECISIONS.name(),
              1,
              5_000_000L,
              1L,
              "00".repeat(32),
              Instant.now(),
              4_999_999L,
              "00".repeat(32),
              List.of(0L),
              java.nio.ByteBuffer.allocate(32));
      producer
          .send(
              platform
                  .codec(Topics.POLICY_SERVICE)
                  .encode(Topics.CHECKPOINTS, "jit.decisions/1", event, java.util.Optional.empty()))
          .get();
    }
    try (AuditConsumer audit = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      log.write(3);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(log.verify(Duration.ZERO))
                      .allSatisfy(v -> assertThat(v.tail()).isZero()));
      assertThat(audit.isReady()).isTrue();
    }
    assertThat(findings(log.verify(Duration.ZERO)))
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.UNPROVEN);
              assertThat(f.place()).hasToString("jit.decisions/1");
              assertThat(f.detail()).contains("policy-service may not write jit.checkpoints");
            });
  }

  @Test
  @Order(8)
  void goesNoFurtherOnALogThatWasCutOffAndBegunAnew() throws Exception {
    String topic = Topics.POLICY_CHANGES.name();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("audit-it-2");
        AuditConsumer audit = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      for (int i = 0; i < 5; i++) {
        producer.send(log.some(topic, 0)).get();
      }
      await().atMost(SOON).until(() -> log.proven(topic) == 5);
      assertThat(audit.isReady()).isTrue();
    }
    try (Admin admin = Admin.create(platform.kafka().admin())) {
      admin.deleteTopics(List.of(topic)).all().get();
      TopicAdmin.ensure(admin, platform.partitions(), (short) 1);
    }
    try (AuditConsumer audit = AuditConsumer.start(platform.connection(Topics.AUDIT), OFTEN)) {
      assertThat(audit.awaitEnd()).contains("jit.policy-changes/0").contains("cut off");
    }
    assertThat(findings(log.verify(Duration.ZERO)))
        .anySatisfy(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.DROPPED);
              assertThat(f.place()).hasToString("jit.policy-changes/0");
              assertThat(f.offset()).isZero();
            });
  }
}
