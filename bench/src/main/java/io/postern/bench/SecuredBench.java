package io.postern.bench;

import io.postern.log.KafkaSettings;
import io.postern.platform.Certificates;
import io.postern.platform.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * What mutual TLS and access control cost: two brokers in this JVM, one with and one without, take
 * turns with the same records of 500 bytes: all at once in and out, and one by one over a relay.
 */
public final class SecuredBench {
  private static final int BYTES = 500;
  private static final int PARTITIONS = 4;
  private static final int ONE_BY_ONE = 200;
  private static final String USER = "bench";

  /** A broker, seen by a client that may do what it must, and records a second, run by run. */
  private record Side(
      String name, EmbeddedBroker broker, KafkaSettings kafka, List<Double> in, List<Double> out) {
    Side(String name, EmbeddedBroker broker, KafkaSettings kafka) {
      this(name, broker, kafka, new ArrayList<>(), new ArrayList<>());
    }
  }

  private SecuredBench() {}

  public static void main(String[] args) throws Exception {
    int records = args.length > 0 ? Integer.parseInt(args[0]) : 500_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    Path home = Files.createTempDirectory("postern-secured");
    Side plain = plain(home);
    Side secured = secured(home);
    List<Side> sides = List.of(plain, secured);
    for (int run = -1; run < runs; run++) {
      for (Side side : run % 2 == 0 ? sides : sides.reversed()) {
        String topic = "bench.run" + (run + 1);
        create(side, topic);
        double written = write(side, topic, records);
        double read = read(side, topic, records);
        if (run >= 0) {
          side.in().add(written);
          side.out().add(read);
        }
      }
    }
    System.out.printf("%d records of %d bytes, %d runs, records/s:%n", records, BYTES, runs);
    print("in, acks=all", plain.in(), secured.in());
    print("out", plain.out(), secured.out());
    relay(plain, secured, runs);
    plain.broker().close();
    secured.broker().close();
    System.exit(0);
  }

  private static Side plain(Path home) {
    EmbeddedBroker broker = EmbeddedBroker.start(home.resolve("plain"), 0);
    return new Side("plain", broker, new KafkaSettings(broker.bootstrapServers(), Map.of()));
  }

  private static Side secured(Path home) throws InterruptedException, ExecutionException {
    Certificates authority = Certificates.in(home.resolve("authority"), Clock.systemUTC());
    authority.issue("kafka", List.of("127.0.0.1"), home.resolve("kafka"));
    authority.issue("admin", List.of(), home.resolve("admin"));
    authority.issue(USER, List.of(), home.resolve(USER));
    EmbeddedBroker broker =
        EmbeddedBroker.startSecured(home.resolve("secured"), 0, home.resolve("kafka"));
    KafkaSettings admin =
        new KafkaSettings(broker.bootstrapServers(), Certificates.client(home.resolve("admin")));
    try (Admin client = Admin.create(admin.admin())) {
      client
          .createAcls(
              List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE).stream()
                  .map(SecuredBench::allow)
                  .toList())
          .all()
          .get();
    }
    return new Side(
        "secured",
        broker,
        new KafkaSettings(broker.bootstrapServers(), Certificates.client(home.resolve(USER))));
  }

  private static AclBinding allow(AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "bench.", PatternType.PREFIXED),
        new AccessControlEntry("User:" + USER, "*", operation, AclPermissionType.ALLOW));
  }

  private static void create(Side side, String topic)
      throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(side.kafka().admin())) {
      admin
          .createTopics(
              List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.of((short) 1))))
          .all()
          .get();
    }
  }

  private static double write(Side side, String topic, int records) {
    Map<String, Object> config = side.kafka().producer("bench");
    // A broker that refuses ends the benchmark, instead of being asked for ever.
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000");
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      long begin = System.nanoTime();
      for (int i = 0; i < records; i++) {
        var unused =
            producer.send(
                new ProducerRecord<>(topic, i % PARTITIONS, null, new byte[BYTES]),
                (meta, e) -> failure.compareAndSet(null, e));
      }
      producer.flush();
      double rate = records * 1e9 / (System.nanoTime() - begin);
      if (failure.get() != null) {
        throw new IllegalStateException(side.name() + " did not take every record", failure.get());
      }
      return rate;
    }
  }

  private static double read(Side side, String topic, int records) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(side.kafka().consumer("bench"))) {
      consumer.assign(
          IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(topic, p)).toList());
      consumer.seekToBeginning(consumer.assignment());
      long begin = System.nanoTime();
      int seen = 0;
      while (seen < records) {
        seen += consumer.poll(Duration.ofSeconds(10)).count();
      }
      return records * 1e9 / (System.nanoTime() - begin);
    }
  }

  private static void print(String what, List<Double> plain, List<Double> secured) {
    List<Double> ratios =
        IntStream.range(0, plain.size()).mapToObj(i -> secured.get(i) / plain.get(i)).toList();
    System.out.printf(
        "  %-14s plain %,.0f  secured %,.0f  ratio %s%n",
        what, Spread.median(plain), Spread.median(secured), Spread.of("%.2f", ratios));
  }

  private static void relay(Side plain, Side secured, int runs)
      throws InterruptedException, ExecutionException {
    Samples without = new Samples();
    Samples with = new Samples();
    try (RelayChain one = new RelayChain(plain.kafka(), "relay", 4, -1, () -> {});
        RelayChain other = new RelayChain(secured.kafka(), "relay", 4, -1, () -> {})) {
      for (int i = 0; i < ONE_BY_ONE; i++) {
        one.once();
        other.once();
      }
      for (int i = 0; i < ONE_BY_ONE * runs; i++) {
        without.add(one.once());
        with.add(other.once());
      }
    }
    System.out.printf("one by one over 4 topics, %d each, ms:%n", without.size());
    for (double p : new double[] {50, 99}) {
      System.out.printf(
          "  p%.0f  plain %.1f  secured %.1f  ratio %s%n",
          p, without.percentile(p), with.percentile(p), with.ratio(without, p));
    }
  }
}
