package io.postern.bench.decisions;

import io.postern.bench.Spread;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.log.Headers;
import io.postern.log.LogTail;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.kafka.PolicyService;
import io.postern.policy.kafka.Producers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * What policy-service holds after many requests with many grants open, and how long it takes to be
 * ready again: with its scratch space, and without. Each start is told beside one of the same
 * service with an empty past.
 */
public final class StateBench {
  private static final int PARTITIONS = 4;
  private static final int GRANTS_PER_MACHINE = 10;
  private static final int BATCH = 10_000;
  private static final Duration LONG = Duration.ofHours(3);
  private static final Duration STALLED = Duration.ofMinutes(2);

  private final Platform platform;
  private final Path state;
  private final Requests requests;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicLong granted = new AtomicLong();
  private final AtomicLong denied = new AtomicLong();

  private StateBench(Platform platform, Path state, int grants) {
    this.platform = platform;
    this.state = state;
    this.requests = new Requests(platform, Math.max(1, grants / GRANTS_PER_MACHINE));
    this.producer = platform.kafka().newProducer("bench");
  }

  public static void main(String[] args) throws Exception {
    int past = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int grants = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
    int starts = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    Path home = Files.createTempDirectory("postern-bench");
    try (Platform platform = Platform.start(home, PARTITIONS)) {
      new StateBench(platform, home.resolve("state"), grants).run(past, grants, starts);
    }
    System.exit(0);
  }

  private void run(int past, int grants, int starts) throws Exception {
    requests.prepare(producer);
    List<Double> empty = starts(starts, false);
    try (LogTail tail =
        new LogTail("bench-state", platform.kafka(), List.of(Topics.DECISIONS.name()), this::count)
            .start()) {
      try (PolicyService service = started()) {
        ask(grants, "sre", granted);
        ask(past - grants, "nobody", denied);
        long with = retained();
        System.out.printf(
            "%,d requests, %,d grants open, %,d machines%n",
            past, grants, Math.max(1, grants / GRANTS_PER_MACHINE));
        service.close();
        System.out.printf(
            "heap that goes with it: %,.0f MiB; scratch space: %,.0f MiB%n",
            (with - retained()) / 1048576.0, size(state) / 1048576.0);
      }
    }
    System.out.println("| from start to ready, s | median (lowest-highest) | of an empty one |");
    System.out.println("|---|---|---|");
    row("nothing asked yet", empty, empty);
    row("with its scratch space", starts(starts, false), empty);
    row("scratch space lost", starts(starts, true), empty);
    producer.close();
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    String type = String.valueOf(Headers.text(record.headers(), Headers.TYPE));
    if (type.equals(AccessGranted.class.getName())) {
      granted.incrementAndGet();
    } else if (type.equals(AccessDenied.class.getName())) {
      denied.incrementAndGet();
    }
  }

  private void ask(int count, String group, AtomicLong answered) throws InterruptedException {
    for (int asked = 0; asked < count; ) {
      List<Requests.Asked> batch = requests.sign(Math.min(BATCH, count - asked), group, LONG);
      batch.forEach(a -> producer.send(a.on(Topics.REQUESTS.name())));
      asked += batch.size();
      await(answered, asked);
    }
  }

  private static void await(AtomicLong answered, long wanted) throws InterruptedException {
    long before = answered.get();
    long since = System.nanoTime();
    while (answered.get() < wanted) {
      TimeUnit.MILLISECONDS.sleep(10);
      if (answered.get() > before) {
        before = answered.get();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STALLED.toNanos()) {
        throw new IllegalStateException((wanted - answered.get()) + " requests got no answer");
      }
    }
  }

  private PolicyService started() throws InterruptedException {
    PolicyService service =
        new PolicyService(
            platform.connection(Topics.POLICY_SERVICE),
            new Producers(Map.of(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY)),
            new PolicyService.Settings(
                "bench",
                state,
                OperatorBounds.DEFAULT,
                Set.of("admins"),
                Set.of(Topics.REQUEST_SERVICE)),
            Clock.systemUTC());
    service.start();
    while (!service.isReady()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return service;
  }

  private List<Double> starts(int count, boolean lost) throws Exception {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (lost) {
        delete(state);
      }
      long begin = System.nanoTime();
      try (PolicyService service = started()) {
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    return seconds;
  }

  private static void row(String who, List<Double> starts, List<Double> empty) {
    System.out.printf(
        "| %s | %s | %.1f |%n",
        who, Spread.of("%.1f", starts), Spread.median(starts) / Spread.median(empty));
  }

  // Of the whole process; what is the service's own is the difference to after its end.
  private static long retained() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(200);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long size(Path directory) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
