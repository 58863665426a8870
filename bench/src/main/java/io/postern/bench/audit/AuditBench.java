package io.postern.bench.audit;

import io.postern.audit.cli.Main;
import io.postern.audit.domain.Audit;
import io.postern.audit.domain.Copy;
import io.postern.audit.domain.Verdict;
import io.postern.audit.files.FileCopy;
import io.postern.audit.log.AuditConsumer;
import io.postern.audit.log.KafkaCopy;
import io.postern.bench.Spread;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Verifying a log of records of the size of a decision (600 bytes of value, nine headers, one of
 * them a signature), beside the bare consumption of the same records with the same settings. They
 * take turns, run by run; the first round warms up.
 */
public final class AuditBench {
  private static final int PARTITIONS = 4;
  private static final int VALUE_BYTES = 600;
  private static final int HEADERS = 8;
  private static final String PLAIN = "floor: plain consumption";

  private final Platform platform;
  private final int records;
  private final Path copy;
  private final Map<String, List<Double>> perSecond = new LinkedHashMap<>();

  private AuditBench(Platform platform, int records, Path copy) {
    this.platform = platform;
    this.records = records;
    this.copy = copy;
  }

  public static void main(String[] args) throws Exception {
    int records = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    Path directory = Files.createTempDirectory("postern-bench-audit");
    try (Platform platform = Platform.start(directory, PARTITIONS)) {
      AuditBench bench = new AuditBench(platform, records, directory.resolve("copy"));
      bench.write();
      bench.check();
      bench.export();
      for (int run = 0; run <= runs; run++) {
        bench.measure(run > 0, PLAIN, bench::consume);
        bench.measure(run > 0, "audit verify, from Kafka", bench::verifyLog);
        bench.measure(run > 0, "audit verify, from files", bench::verifyFiles);
      }
      bench.print();
    } finally {
      delete(directory);
    }
    System.exit(0);
  }

  private interface Pass {
    long run() throws Exception;
  }

  private void measure(boolean counts, String name, Pass pass) throws Exception {
    long begin = System.nanoTime();
    long seen = pass.run();
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (seen != records) {
      throw new IllegalStateException(name + " saw " + seen + " records, not " + records);
    }
    if (counts) {
      perSecond.computeIfAbsent(name, n -> new ArrayList<>()).add(records / seconds);
    }
  }

  private void write() {
    Random random = new Random(1);
    byte[] signature = new byte[190];
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("bench-audit")) {
      for (int i = 0; i < records; i++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        random.nextBytes(signature);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                Topics.DECISIONS.name(), i % PARTITIONS, text("aws:123456789012:eu-west-1"), value);
        for (int h = 0; h < HEADERS; h++) {
          record.headers().add("ce_header" + h, text("some text of a header, " + i));
        }
        record.headers().add("postern-signature", signature.clone());
        producer.send(record);
      }
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private TrustStore trust() {
    return TrustStore.load(platform.keys().trust());
  }

  /** Has the audit consumer check all of it. */
  private void check() throws InterruptedException {
    long begin = System.nanoTime();
    try (AuditConsumer audit =
        AuditConsumer.start(platform.connection(Topics.AUDIT), Duration.ofSeconds(1))) {
      while (checked() < records) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "audit consumer, once, cold: %,.0f records/s%n",
        records / ((System.nanoTime() - begin) / 1e9));
  }

  private long checked() {
    try (KafkaCopy log = new KafkaCopy(platform.kafka(), trust())) {
      return log.checkpoints().stretches().values().stream()
          .mapToLong(s -> s.getLast().records())
          .sum();
    }
  }

  private void export() {
    long begin = System.nanoTime();
    int exitCode =
        Main.run(
            Map.of(
                "POSTERN_BOOTSTRAP", platform.kafka().bootstrapServers(),
                "POSTERN_REGISTRY", platform.registryUrl(),
                "POSTERN_TRUST", platform.keys().trust().toString()),
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            "audit",
            "export",
            copy.toString());
    if (exitCode != 0) {
      throw new IllegalStateException("the export failed");
    }
    System.out.printf(
        Locale.ROOT,
        "audit export, once, cold: %,.0f records/s%n",
        records / ((System.nanoTime() - begin) / 1e9));
  }

  private long consume() {
    Map<String, Object> config = platform.kafka().consumer("bench-plain");
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
    long seen = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.DECISIONS.name()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (seen < records) {
        seen += consumer.poll(Duration.ofMillis(500)).count();
      }
    }
    return seen;
  }

  private long verifyLog() {
    try (Copy log = new KafkaCopy(platform.kafka(), trust())) {
      return verify(log);
    }
  }

  private long verifyFiles() {
    try (Copy files = new FileCopy(copy, trust())) {
      return verify(files);
    }
  }

  private static long verify(Copy copy) {
    List<Verdict> verdicts =
        new Audit(Instant.now(), Duration.ofDays(90), Map.of()).verify(copy, v -> {});
    verdicts.stream()
        .flatMap(v -> v.finding().stream())
        .findFirst()
        .ifPresent(
            f -> {
              throw new IllegalStateException(f.sentence());
            });
    return verdicts.stream().mapToLong(Verdict::proven).sum();
  }

  private void print() {
    List<Double> floor = perSecond.getOrDefault(PLAIN, List.of());
    System.out.println(
        "| " + records + " records | records/s | of the floor, lowest to highest run |");
    System.out.println("|---|---|---|");
    perSecond.forEach(
        (name, rates) -> {
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < rates.size(); i++) {
            ratios.add(rates.get(i) / floor.get(i));
          }
          System.out.printf(
              Locale.ROOT,
              "| %s | %,.0f | %s |%n",
              name,
              Spread.median(rates),
              Spread.of("%.2f", ratios));
        });
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
