package io.postern.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessExpired;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.platform.EmbeddedBroker;
import io.postern.platform.RegistryProcess;
import io.postern.platform.ServiceKeys;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas and the broker as processes of their own, killed while grants fall due: none lost,
 * none early. {@code -Dpostern.kills=20 -Dpostern.grants=10000} for the long version.
 */
class KillIT {
  private static final int KILLS = Integer.getInteger("postern.kills", 3);
  private static final int GRANTS = Integer.getInteger("postern.grants", 2_000);
  // A thousand a second, on top of whatever else the machine does.
  private static final Duration OVER = Duration.ofMillis(GRANTS);
  private static final Duration STAGGER = Duration.ofMillis(500);
  private static final int PARTITIONS = 4;
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  private enum Victim {
    REPLICA,
    BROKER,
    BOTH,
    /** A replica that is not started again before everything is announced. */
    REPLICA_FOR_LONG
  }

  private final Map<String, Long> due = new ConcurrentHashMap<>();
  private final Map<String, Long> latenessMillis = new ConcurrentHashMap<>();
  private final AtomicInteger doubled = new AtomicInteger();
  private final AtomicInteger early = new AtomicInteger();
  private volatile CountDownLatch left = new CountDownLatch(0);

  @TempDir Path directory;
  private RegistryProcess registry;
  private ServiceKeys keys;
  private int port;
  private Process broker;
  private Process first;
  private Process second;
  private EventCodec codec;

  @BeforeEach
  void start() throws Exception {
    registry = RegistryProcess.start(directory.resolve("registry"), 0);
    port = EmbeddedBroker.freePort();
    broker = broker();
    keys = ServiceKeys.in(directory.resolve("keys"));
    try (Admin admin = Admin.create(kafka().admin())) {
      TopicAdmin.ensure(admin, PARTITIONS, (short) 1);
    }
    registry.awaitReady();
    TopicAdmin.registerSchemas(new SchemaRegistry(List.of(registry.url()), Optional.empty()));
    codec = connection(Topics.POLICY_SERVICE).codec(Topics.POLICY_SERVICE, Clock.systemUTC());
    first = replica(0);
    second = replica(1);
  }

  @AfterEach
  void stop() {
    for (Process p : Arrays.asList(first, second, broker)) {
      if (p != null) {
        p.destroyForcibly();
      }
    }
    registry.close();
  }

  private KafkaSettings kafka() {
    return new KafkaSettings("127.0.0.1:" + port, Map.of());
  }

  private LogConnection connection(String service) {
    return new LogConnection(
        "127.0.0.1:" + port,
        Map.of(),
        registry.url(),
        keys.signingKey(service),
        keys.trust(),
        PARTITIONS,
        List.of());
  }

  private Process broker() throws IOException {
    return awaited(
        spawn("broker", BrokerChild.class, directory.resolve("kafka").toString(), "" + port));
  }

  private Process spawnReplica(int number) throws IOException {
    return spawn(
        "replica-" + number,
        ReplicaChild.class,
        "127.0.0.1:" + port,
        registry.url(),
        keys.signingKey(Topics.EXPIRY_SERVICE).toString(),
        keys.trust().toString(),
        "" + PARTITIONS,
        "" + number,
        "" + STAGGER.toMillis());
  }

  private Process replica(int number) throws IOException {
    return awaited(spawnReplica(number));
  }

  private Process spawn(String log, Class<?> main, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(new File(directory.toFile(), log)))
        .start();
  }

  private static Process awaited(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("READY")) {
        // A child that logs into a pipe which nobody empties stands still once it is full.
        Thread.startVirtualThread(() -> out.lines().forEach(further -> {}));
        return process;
      }
    }
    throw new IllegalStateException("a child ended before it was ready");
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  private void seen(ConsumerRecord<byte[], byte[]> record) {
    AccessExpired event;
    try {
      event = (AccessExpired) codec.readFromWriter(Topics.EXPIRATIONS, record);
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
    Long end = due.get(event.getGrantId());
    if (end == null) {
      return;
    }
    long late = record.timestamp() - end;
    if (late < 0) {
      early.incrementAndGet();
    }
    if (latenessMillis.putIfAbsent(event.getGrantId(), late) == null) {
      left.countDown();
    } else {
      doubled.incrementAndGet();
    }
  }

  private Instant grant(KafkaProducer<byte[], byte[]> producer, Duration from, Duration over)
      throws InterruptedException {
    left = new CountDownLatch(GRANTS);
    due.clear();
    latenessMillis.clear();
    Instant begin = Instant.now().plus(from);
    List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
    for (int i = 0; i < GRANTS; i++) {
      long end = begin.toEpochMilli() + over.toMillis() * i / GRANTS;
      RequestId request = new RequestId(UUID.randomUUID());
      String grant = GrantId.of(request, MACHINE).toString();
      due.put(grant, end);
      batch.add(
          codec.unsigned(
              Topics.LEASES,
              MACHINE.scope(),
              PARTITIONS,
              MACHINE.scope().value() + "/" + grant,
              lease(grant, request, Instant.ofEpochMilli(end)),
              Optional.empty()));
    }
    codec.signTogether(batch);
    batch.forEach(producer::send);
    producer.flush();
    return begin;
  }

  private static Lease lease(String grant, RequestId request, Instant end) {
    return new Lease(
        grant,
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

  @Test
  void noneIsLostAndNoneIsEarlyWhoeverIsKilled() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka().newProducer("test");
        LogTail tail =
            new LogTail("kills", kafka(), List.of(Topics.EXPIRATIONS.name()), this::seen).start()) {
      for (int kill = 0; kill < KILLS; kill++) {
        Victim victim = Victim.values()[kill % Victim.values().length];
        int doubledBefore = doubled.get();
        Instant begin = grant(producer, Duration.ofSeconds(3), OVER);
        // In the midst of it.
        TimeUnit.MILLISECONDS.sleep(
            Duration.between(Instant.now(), begin.plus(OVER.dividedBy(2))).toMillis());
        strike(victim);
        assertThat(left.await(90, TimeUnit.SECONDS))
            .as("%d of %d lost, kill %d of %s", left.getCount(), GRANTS, kill, victim)
            .isTrue();
        assertThat(early).hasValue(0);
        long[] late = latenessMillis.values().stream().mapToLong(l -> l).sorted().toArray();
        System.out.printf(
            "KILL %d %s: lateness ms p50 %d p99 %d max %d, doubled %d%n",
            kill,
            victim,
            late[late.length / 2],
            late[late.length * 99 / 100],
            late[late.length - 1],
            doubled.get() - doubledBefore);
        if (victim == Victim.REPLICA_FOR_LONG) {
          first = replica(0);
        }
        if (victim == Victim.REPLICA && KILLS <= 3) {
          // Beyond the stagger: 100 ms on a quiet machine, here with room for a noisy one.
          assertThat(late[late.length - 1]).isLessThan(STAGGER.toMillis() + 1_500);
        }
      }
      assertThat(tail.isCaughtUp()).isTrue();
    }
  }

  private void strike(Victim victim) throws Exception {
    if (victim != Victim.BROKER) {
      kill(first);
    }
    if (victim == Victim.BROKER || victim == Victim.BOTH) {
      kill(broker);
      broker = broker();
    }
    if (victim == Victim.REPLICA || victim == Victim.BOTH) {
      first = replica(0);
    }
  }
}
