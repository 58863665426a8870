package io.postern.bench.decisions;

import com.nimbusds.jose.jwk.JWK;
import io.postern.bench.ExactlyOnceHop;
import io.postern.bench.ExactlyOnceHop.Pace;
import io.postern.bench.ExactlyOnceHop.Work;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.Signer;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.kafka.PolicyService;
import io.postern.policy.kafka.Producers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Decisions per second of policy-service, signed requests in and signed decisions out, beside the
 * same records passed through one transaction, bare and with one signature checked and one made;
 * and the time of a decision at a steady rate, beside a bare relay and a bare transaction.
 */
public final class DecisionsBench {
  private static final int PARTITIONS = 4;
  private static final String PASS = "bench.pass";
  private static final String SIGNED = "bench.signed";
  private static final String CHAIN = "bench.chain";

  private final Platform platform;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Requests requests;

  private DecisionsBench(Platform platform) {
    this.platform = platform;
    this.producer = platform.kafka().newProducer("bench");
    this.requests = new Requests(platform);
  }

  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int records = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    Path home = Files.createTempDirectory("postern-bench");
    try (Platform platform = Platform.start(home, PARTITIONS)) {
      new DecisionsBench(platform).run(home, runs, records, seconds);
    }
    System.exit(0);
  }

  private void run(Path home, int runs, int records, int seconds) throws Exception {
    KafkaSettings kafka = platform.kafka();
    topics();
    requests.prepare(producer);
    try (PolicyService service = service(home);
        ExactlyOnceHop pass = hop(PASS, Work.NONE);
        ExactlyOnceHop signed = hop(SIGNED, verifyAndSign());
        Contract contract = new Contract(platform);
        ExactlyOnceHop chain =
            ExactlyOnceHop.start(
                kafka, CHAIN + ".between", CHAIN + ".out", Work.NONE, Pace.SHARED);
        KafkaProducer<byte[], byte[]> through = kafka.newProducer("bench-relay");
        LogTail relay = relay(through);
        Arrivals passed = new Arrivals(kafka, PASS + ".out", DecisionsBench::key);
        Arrivals signedOut = new Arrivals(kafka, SIGNED + ".out", DecisionsBench::key);
        Arrivals contracted = new Arrivals(kafka, Contract.OUT, DecisionsBench::key);
        Arrivals chained = new Arrivals(kafka, CHAIN + ".out", DecisionsBench::key);
        Arrivals decided = new Arrivals(kafka, Topics.DECISIONS.name(), Requests::decision)) {
      service.start();
      contract.start();
      relay.start().awaitCaughtUp(Duration.ofSeconds(30));
      while (!(service.isReady()
          && pass.isRunning()
          && signed.isRunning()
          && contract.isRunning()
          && chain.isRunning())) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      Figures figures = new Figures();
      for (int run = -1; run < runs; run++) {
        List<Requests.Asked> batch = requests.sign(records);
        double bare = perSecond(batch, PASS + ".in", passed, false);
        double withSignatures = perSecond(batch, SIGNED + ".in", signedOut, false);
        double mandated = perSecond(batch, Contract.IN, contracted, false);
        double real = perSecond(batch, Topics.REQUESTS.name(), decided, true);
        if (run >= 0) {
          figures.throughput(bare, withSignatures, mandated, real);
        }
      }
      for (int rate : new int[] {100, 1_000}) {
        for (int run = -1; run < runs; run++) {
          List<Requests.Asked> batch = requests.sign(rate * (run < 0 ? 2 : seconds));
          double[] bare = millis(batch, rate, CHAIN + ".in", chained, false);
          double[] real = millis(batch, rate, Topics.REQUESTS.name(), decided, true);
          if (run >= 0) {
            figures.latency(rate, bare, real);
          }
        }
      }
      figures.print(runs, records, seconds);
    }
    producer.close();
  }

  private void topics() throws Exception {
    List<String> names = new ArrayList<>(Contract.TOPICS);
    for (String name : List.of(PASS, SIGNED, CHAIN)) {
      names.addAll(List.of(name + ".in", name + ".between", name + ".out"));
    }
    try (Admin admin = Admin.create(platform.kafka().admin())) {
      admin
          .createTopics(
              names.stream()
                  .map(n -> new NewTopic(n, Optional.of(PARTITIONS), Optional.of((short) 1)))
                  .toList())
          .all()
          .get();
    }
  }

  private PolicyService service(Path home) {
    return new PolicyService(
        platform.connection(Topics.POLICY_SERVICE),
        new Producers(Map.of(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY)),
        new PolicyService.Settings(
            "bench",
            home.resolve("state"),
            OperatorBounds.DEFAULT,
            Set.of("admins"),
            Set.of(Topics.REQUEST_SERVICE)),
        Clock.systemUTC());
  }

  private ExactlyOnceHop hop(String name, Work work) {
    return ExactlyOnceHop.start(platform.kafka(), name + ".in", name + ".out", work, Pace.SHARED);
  }

  private Work verifyAndSign() throws Exception {
    TrustStore trust = TrustStore.load(platform.keys().trust());
    Path file = platform.keys().signingKey(Topics.POLICY_SERVICE);
    Signer signer = Signer.of(JWK.parse(Files.readString(file)));
    return record -> {
      Contract.check(trust, Topics.REQUESTS.name(), record.key(), record.value(), record.headers());
      String made = signer.sign(SIGNED + ".out", record.key(), record.value(), Instant.now());
      Contract.resigned(record.headers(), made);
      return record;
    };
  }

  private LogTail relay(KafkaProducer<byte[], byte[]> through) {
    return new LogTail(
        "bench-relay",
        platform.kafka(),
        List.of(CHAIN + ".in"),
        r ->
            through.send(
                new ProducerRecord<>(CHAIN + ".between", null, r.key(), r.value(), r.headers())));
  }

  private static Optional<String> key(ConsumerRecord<byte[], byte[]> record) {
    return Optional.of(new String(record.key(), StandardCharsets.UTF_8));
  }

  private double perSecond(
      List<Requests.Asked> batch, String topic, Arrivals arrivals, boolean decided)
      throws InterruptedException {
    arrivals.expect(batch.size());
    long begin = System.nanoTime();
    batch.forEach(a -> producer.send(a.on(topic)));
    Map<String, Long> seen = arrivals.await();
    long end = batch.stream().mapToLong(a -> at(seen, a, decided)).max().orElseThrow();
    return batch.size() / ((end - begin) / 1e9);
  }

  private static long at(Map<String, Long> seen, Requests.Asked a, boolean decided) {
    Long at = seen.get(decided ? a.grant() : a.request());
    if (at == null) {
      throw new IllegalStateException("something else arrived than " + a.request());
    }
    return at;
  }

  /**
   * Each record's milliseconds from when it was due: one that is sent late, because what went
   * before took long, has waited.
   */
  private double[] millis(
      List<Requests.Asked> batch, int rate, String topic, Arrivals arrivals, boolean decided)
      throws InterruptedException {
    arrivals.expect(batch.size());
    long begin = System.nanoTime();
    long[] due = new long[batch.size()];
    for (int i = 0; i < due.length; i++) {
      due[i] = begin + i * 1_000_000_000L / rate;
      long wait = due[i] - System.nanoTime();
      while (wait > 0) {
        LockSupport.parkNanos(wait);
        wait = due[i] - System.nanoTime();
      }
      producer.send(batch.get(i).on(topic));
    }
    Map<String, Long> seen = arrivals.await();
    double[] millis = new double[due.length];
    for (int i = 0; i < due.length; i++) {
      millis[i] = (at(seen, batch.get(i), decided) - due[i]) / 1e6;
    }
    return millis;
  }
}
