package io.postern.bench.requests;

import io.postern.bench.Spread;
import io.postern.bench.decisions.Requests;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.Topics;
import io.postern.platform.Issuer;
import io.postern.platform.Platform;
import io.postern.request.config.RequestServiceConfiguration;
import io.postern.request.kafka.RequestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * request-service: the read model built from requests on the log, beside their plain consumption;
 * lists over it; and requests accepted from many callers at once, beside a door that only sends a
 * record. Broker, service and callers share one JVM.
 */
public final class RequestsBench {
  private static final int PARTITIONS = 4;
  private static final int CALLERS = 200;
  private static final int QUERIES = 1_000;
  private static final int CHUNK = 10_000;
  private static final String FLOOR = "bench.floor";
  private static final String BODY =
      """
      {"machines": ["arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"],
       "ports": [{"port": 22}], "sources": ["203.0.113.7"], "duration": "PT15M", "justification": "INC-42"}""";

  private final Path home;
  private final Platform platform;
  private final Issuer issuer;
  private final Requests requests;

  private RequestsBench(Path home, Platform platform) {
    this.home = home;
    this.platform = platform;
    this.issuer = Issuer.in(home.resolve("issuer"));
    this.requests = new Requests(platform);
  }

  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    int past = args.length > 2 ? Integer.parseInt(args[2]) : 1_000_000;
    Path home = Files.createTempDirectory("postern-bench");
    try (Platform platform = Platform.start(home, PARTITIONS)) {
      new RequestsBench(home, platform).run(runs, seconds, past);
    }
    System.exit(0);
  }

  private void run(int runs, int seconds, int past) throws Exception {
    try (Admin admin = Admin.create(platform.kafka().admin());
        KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("bench")) {
      admin
          .createTopics(
              List.of(new NewTopic(FLOOR, Optional.of(PARTITIONS), Optional.of((short) 1))))
          .all()
          .get();
      Requests.Asked sample = requests.sign(1).get(0);
      for (int sent = 0; sent < past; sent += CHUNK) {
        requests
            .sign(Math.min(CHUNK, past - sent))
            .forEach(a -> producer.send(a.on(Topics.REQUESTS.name())));
      }
      producer.flush();
      double consumed = past / consume(past);
      long begin = System.nanoTime();
      try (ConfigurableApplicationContext service =
          service(new Floor(producer, () -> sample.on(FLOOR)))) {
        RequestLog log = service.getBean(RequestLog.class);
        while (!log.isReady()) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
        double built = past / ((System.nanoTime() - begin) / 1e9);
        System.out.printf("%n| %,d requests | events/s | of the floor |%n|---|---|---|%n", past);
        System.out.printf("| plain consumption | %,.0f | 1 |%n", consumed);
        System.out.printf(
            "| read model built, service's start included | %,.0f | %.3f |%n",
            built, built / consumed);
        String port = service.getEnvironment().getProperty("local.server.port");
        try (Callers callers = new Callers("http://127.0.0.1:" + port, tokens())) {
          lists(callers, past);
          posts(callers, runs, seconds);
        }
      }
    }
  }

  private List<String> tokens() {
    return IntStream.range(0, CALLERS)
        .mapToObj(i -> issuer.token("caller-" + i, List.of("sre")))
        .toList();
  }

  /** Seconds that reading the records takes. */
  private double consume(int past) throws InterruptedException {
    AtomicLong seen = new AtomicLong();
    KafkaSettings kafka = platform.kafka();
    long begin = System.nanoTime();
    try (LogTail tail =
        new LogTail(
            "bench-floor", kafka, List.of(Topics.REQUESTS.name()), r -> seen.incrementAndGet())) {
      tail.start().awaitCaughtUp(Duration.ofMinutes(5));
    }
    if (seen.get() != past) {
      throw new IllegalStateException("read " + seen + " of " + past);
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private ConfigurableApplicationContext service(Floor floor) {
    LogConnection log = platform.connection(Topics.REQUEST_SERVICE);
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.config.name", "request-service");
    properties.put("server.address", "127.0.0.1");
    properties.put("server.port", "0");
    properties.put("spring.main.banner-mode", "off");
    // An answer that the database has kept from the last time would tell nothing.
    properties.put(
        "spring.datasource.url",
        "jdbc:h2:file:" + home.resolve("read-model") + ";OPTIMIZE_REUSE_RESULTS=0");
    properties.put("postern.rate.burst", Integer.toString(Integer.MAX_VALUE));
    properties.put("postern.issuer-keys", issuer.publicKeys().toString());
    properties.put("postern.issuer", Issuer.NAME);
    properties.put("postern.log.bootstrap-servers", log.bootstrapServers());
    properties.put("postern.log.registry-url", log.registryUrl());
    properties.put("postern.log.signing-key", log.signingKey().toString());
    properties.put("postern.log.trust", log.trust().toString());
    properties.put("postern.log.partitions", Integer.toString(log.partitions()));
    return new SpringApplicationBuilder(RequestServiceConfiguration.class)
        .properties(properties)
        .initializers(c -> c.getBeanFactory().registerSingleton("floor", floor))
        .run();
  }

  private void lists(Callers callers, int past) throws Exception {
    String admin = issuer.token("root", List.of("admins"));
    Map<String, String> paths = new TreeMap<>();
    paths.put("admin: everything, newest first", "/api/v1/requests");
    paths.put("admin: of a person", "/api/v1/requests?requestor=person-%d");
    paths.put("admin: submitted", "/api/v1/requests?state=SUBMITTED");
    paths.put("admin: of a machine", "/api/v1/requests?machine=%m");
    paths.put("admin: the record, newest first", "/api/v1/events");
    paths.put("admin: the record of a machine", "/api/v1/events?machine=%m");
    System.out.printf(
        "%n| lists over %,d requests | p50 ms | p99 ms | p99 / floor |%n|---|---|---|---|%n", past);
    callers.get(admin, many("/api/v1/policies"));
    Callers.Answered floor = callers.get(admin, many("/api/v1/policies"));
    row("floor: a call that no database answers", floor, floor);
    for (Map.Entry<String, String> e : paths.entrySet()) {
      row(e.getKey(), callers.get(admin, many(e.getValue())), floor);
    }
    String person = issuer.token("person-0", List.of("sre", "leads"));
    row("a person: one's own", callers.get(person, many("/api/v1/requests")), floor);
  }

  /** The same question about one after the other. */
  private static List<String> many(String path) {
    return IntStream.range(0, QUERIES)
        .mapToObj(
            i ->
                path.replace("%d", "" + i % Requests.PEOPLE)
                    .replace("%m", Requests.machine(i % Requests.MACHINES).value()))
        .toList();
  }

  private static void row(String who, Callers.Answered a, Callers.Answered floor) {
    System.out.printf(
        "| %s | %.1f | %.1f | %.1f |%n",
        who, a.percentile(50), a.percentile(99), a.percentile(99) / floor.percentile(99));
  }

  private void posts(Callers callers, int runs, int seconds) throws Exception {
    List<Callers.Answered> floor = new ArrayList<>();
    List<Callers.Answered> ours = new ArrayList<>();
    for (int run = -1; run < runs; run++) {
      Callers.Answered f = callers.post(Floor.PATH, BODY, seconds);
      Callers.Answered o = callers.post("/api/v1/requests", BODY, seconds);
      if (run >= 0) {
        floor.add(f);
        ours.add(o);
      }
    }
    System.out.printf(
        "%n%d callers, %d runs of %d s; median (lowest-highest run)%n", CALLERS, runs, seconds);
    System.out.println("| | accepted/s | of the floor | p99 ms | p99 / floor |");
    System.out.println("|---|---|---|---|---|");
    System.out.printf(
        "| floor: acks=all and 202 | %s | 1 | %s | 1 |%n",
        Spread.of("%,.0f", floor.stream().mapToDouble(Callers.Answered::perSecond)),
        Spread.of("%.0f", floor.stream().mapToDouble(a -> a.percentile(99))));
    System.out.printf(
        "| request-service | %s | %s | %s | %s |%n",
        Spread.of("%,.0f", ours.stream().mapToDouble(Callers.Answered::perSecond)),
        Spread.of(
            "%.2f",
            IntStream.range(0, runs)
                .mapToDouble(i -> ours.get(i).perSecond() / floor.get(i).perSecond())),
        Spread.of("%.0f", ours.stream().mapToDouble(a -> a.percentile(99))),
        Spread.of(
            "%.1f",
            IntStream.range(0, runs)
                .mapToDouble(i -> ours.get(i).percentile(99) / floor.get(i).percentile(99))));
  }
}
