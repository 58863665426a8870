package io.postern.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.Assessment;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PolicyPut;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.platform.Platform;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * policy-service is killed at random moments while requests come in, some of them all or nothing
 * over two partitions: none is without a decision, none has two, and none is half granted. {@code
 * -Dpostern.kills=20} for the long version.
 */
class KillIT {
  private static final int KILLS = Integer.getInteger("postern.kills", 2);
  private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(25);
  private static final int PARTITIONS = 4;
  private static final List<MachineId> MACHINES =
      List.of("eu-west-1", "eu-central-1", "us-east-1").stream()
          .map(r -> "arn:aws:ec2:" + r + ":123456789012:instance/i-0aaaaaaaaaaaaaac1")
          .map(MachineId::new)
          .toList();

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final Map<String, List<String>> decisions = new ConcurrentHashMap<>();
  private final List<RequestSubmitted> asked = new ArrayList<>();

  @TempDir Path directory;
  private Platform platform;
  private EventCodec requestService;
  private Process service;

  @BeforeEach
  void start() throws Exception {
    platform = Platform.start(directory.resolve("platform"), PARTITIONS);
    requestService = platform.codec(Topics.REQUEST_SERVICE);
    service = child();
  }

  @AfterEach
  void stop() {
    service.destroyForcibly();
    platform.close();
  }

  private Process child() throws IOException {
    LogConnection log = platform.connection(Topics.POLICY_SERVICE);
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PolicyChild.class.getName(),
                log.bootstrapServers(),
                log.registryUrl(),
                log.signingKey().toString(),
                log.trust().toString(),
                "" + PARTITIONS,
                directory.resolve("state").toString())
            .redirectError(
                ProcessBuilder.Redirect.appendTo(new File(directory.toFile(), "service.log")))
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("READY")) {
        drain(out);
        return child;
      }
    }
    throw new IllegalStateException("the service ended before it was ready");
  }

  // A child whose output nobody reads stands still once the pipe is full.
  private void drain(BufferedReader out) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (out;
                  Writer log =
                      Files.newBufferedWriter(
                          directory.resolve("service.out"),
                          StandardOpenOption.CREATE,
                          StandardOpenOption.APPEND)) {
                out.transferTo(log);
              } catch (IOException e) {
                // It was killed.
              }
            });
  }

  private void decided(ConsumerRecord<byte[], byte[]> record) {
    try {
      switch (requestService.readFromWriter(Topics.DECISIONS, record)) {
        case AccessGranted g -> note(g.getRequestId(), g.getMachineId(), "granted");
        case AccessDenied d -> note(d.getRequestId(), d.getMachineId(), "denied");
        default -> {
          // What else is said is no decision.
        }
      }
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
  }

  private void note(String request, String machine, String what) {
    decisions.computeIfAbsent(request + " " + machine, k -> new CopyOnWriteArrayList<>()).add(what);
  }

  private void scene(KafkaProducer<byte[], byte[]> producer) throws Exception {
    EventCodec enforcer = platform.codec(Topics.AWS_ENFORCER);
    for (MachineId m : MACHINES) {
      MachineAssessed seen =
          MachineAssessed.newBuilder()
              .setMachineId(m.value())
              .setScope(m.scope().value())
              .setName("web")
              .setTags(Map.of())
              .setPrivateAddresses(List.of())
              .setPublicAddresses(List.of())
              .setRunning(true)
              .setRuleSets(List.of())
              .setAssessment(Assessment.UNKNOWN)
              .setReason("test")
              .setAssessedAt(Instant.now())
              .build();
      producer
          .send(
              enforcer.encode(
                  Topics.MACHINES, m.scope(), PARTITIONS, m.value(), seen, Optional.empty()))
          .get();
    }
    Policy policy =
        new Policy(
            new PolicyId("killed"),
            0,
            MACHINES.stream().<MachineSelector>map(MachineSelector.ById::new).toList(),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    PolicyPut put =
        new PolicyPut(
            UUID.randomUUID().toString(),
            Instant.now(),
            "killed",
            new Person("root", "i", List.of("admins")),
            Convert.toEvent(policy),
            null,
            false);
    producer.send(requestService.encode(Topics.POLICY_CHANGES, "killed", put, Optional.empty()));
  }

  private void ask(KafkaProducer<byte[], byte[]> producer, int number) {
    String id = UUID.randomUUID().toString();
    boolean together = number % 3 == 0;
    RequestSubmitted request =
        RequestSubmitted.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setOccurredAt(Instant.now())
            .setRequestId(id)
            // Every seventh may not ask, and is denied.
            .setRequestor(
                new Person("p" + number % 50, "i", List.of(number % 7 == 0 ? "guests" : "sre")))
            .setMachines(
                (together ? MACHINES : List.of(MACHINES.get(number % MACHINES.size())))
                    .stream().map(MachineId::value).toList())
            .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
            .setSources(List.of("203.0.113." + (1 + number % 250)))
            .setDurationMillis(Duration.ofMinutes(15).toMillis())
            .setAllOrNothing(together)
            .build();
    asked.add(request);
    producer.send(requestService.encode(Topics.REQUESTS, id, request, Optional.empty()));
  }

  @Test
  void everyRequestHasOneDecisionWhenItIsKilled() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
        LogTail tail =
            new LogTail("kills", platform.kafka(), List.of(Topics.DECISIONS.name()), this::decided)
                .start()) {
      scene(producer);
      Thread load =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; !over.get(); n++) {
                      ask(producer, n);
                      LockSupport.parkNanos(BETWEEN_REQUESTS.toNanos());
                    }
                  });
      for (int kill = 0; kill < KILLS; kill++) {
        int before = decisions.size();
        await().atMost(Duration.ofSeconds(60)).until(() -> decisions.size() > before + 20);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1_000)).toNanos());
        service.destroyForcibly().waitFor();
        service = child();
      }
      over.set(true);
      load.join();
      producer.flush();
      Set<String> expected = new HashSet<>();
      asked.forEach(r -> r.getMachines().forEach(m -> expected.add(r.getRequestId() + " " + m)));
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(
              () -> {
                Set<String> missing = new HashSet<>(expected);
                missing.removeAll(decisions.keySet());
                assertThat(missing.stream().limit(10))
                    .as("seed %d: %d of %d", seed, missing.size(), expected.size())
                    .isEmpty();
              });
      // Whatever comes twice comes before the next of its partition.
      int last = asked.size();
      for (int n = 0; n < MACHINES.size(); n++) {
        ask(producer, last + n - (last + n) % 3 + 1 + n);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> decisions.size() > expected.size());
      assertThat(decisions).as("seed " + seed).allSatisfy((k, all) -> assertThat(all).hasSize(1));
      assertNoneIsHalfGranted(asked.subList(0, last));
      assertThat(tail.isCaughtUp()).isTrue();
      System.out.printf(
          "%d kills, %d requests, %d decisions%n", KILLS, asked.size(), decisions.size());
    }
  }

  private void assertNoneIsHalfGranted(List<RequestSubmitted> all) {
    for (RequestSubmitted r : all) {
      if (r.getAllOrNothing()) {
        Set<String> answers = new HashSet<>();
        r.getMachines().forEach(m -> answers.addAll(decisions.get(r.getRequestId() + " " + m)));
        assertThat(answers).as("seed %d, %s", seed, r.getRequestId()).hasSize(1);
      }
    }
  }
}
