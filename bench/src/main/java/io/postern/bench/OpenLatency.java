package io.postern.bench;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.log.AvroFraming;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.platform.Issuer;
import io.postern.quickstart.Console;
import io.postern.quickstart.Data;
import io.postern.quickstart.Ports;
import io.postern.quickstart.Quickstart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * From the 202 of a request to AccessOpened, one request at a time, clouds of zero latency, beside
 * a bare relay over as many topics on the same broker, sample by sample, the same with one hop
 * exactly once, and that with the clouds' own calls besides; and with spans recorded and sent, in
 * turn with requests without.
 */
public final class OpenLatency {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int REQUESTS = 500;

  // What readers do who let a record wait for company is over by then.
  private static final Duration QUIET = Duration.ofMillis(100);

  /**
   * jit.requests, jit.vetted, jit.leases (with jit.decisions in one transaction), jit.enforcement.
   */
  private static final int HOPS = 4;

  private static final int VETTED = 1;

  private static final String VM =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01";
  private static final String ARN =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";

  private final HttpClient http = HttpClient.newHttpClient();
  private final String web;
  private final String token;
  private final Map<String, CountDownLatch> opened = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> closed = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> over = new ConcurrentHashMap<>();
  private final Map<String, String> grants = new ConcurrentHashMap<>();

  private OpenLatency(String web, String token) {
    this.web = web;
    this.token = token;
  }

  /**
   * Spans go to a collector in this process, over OTLP as to any other, and are forgotten there.
   */
  private static SdkTracerProvider collected() throws IOException {
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
          }
        });
    collector.start();
    String url = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
    return SdkTracerProvider.builder()
        .addSpanProcessor(
            BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder().setEndpoint(url).build())
                .build())
        .build();
  }

  public static void main(String[] args) throws Exception {
    Path home = Files.createTempDirectory("postern-bench");
    Issuer issuer = Issuer.in(home);
    try (Quickstart quickstart =
        Quickstart.start(
            Ports.from(System.getenv()), Data.at(null), issuer, Console.standard(false))) {
      new OpenLatency(quickstart.clouds().web(), issuer.token("bench", List.of("admins", "bench")))
          .run(quickstart, args.length > 0 ? Integer.parseInt(args[0]) : REQUESTS);
    }
    System.exit(0);
  }

  private void run(Quickstart quickstart, int requests) throws Exception {
    KafkaSettings kafka = quickstart.platform().kafka();
    AvroFraming framing =
        new AvroFraming(
            new SchemaRegistry(List.of(quickstart.platform().registryUrl()), Optional.empty()),
            false);
    Samples floor = new Samples();
    Samples exactlyOnce = new Samples();
    Samples called = new Samples();
    Samples azure = new Samples();
    Samples aws = new Samples();
    Samples both = new Samples();
    Samples traced = new Samples();
    SdkTracerProvider spans = collected();
    try (LogTail tail =
            new LogTail(
                    "bench",
                    kafka,
                    List.of(Topics.ENFORCEMENT.name(), Topics.LEASES.name()),
                    r -> seen(framing, r))
                .start();
        CloudCalls calls = new CloudCalls(quickstart.clouds().arm(), quickstart.clouds().ec2());
        RelayChain chain = new RelayChain(kafka, "relay", HOPS, -1, () -> {});
        RelayChain withTransaction = new RelayChain(kafka, "exactly-once", HOPS, VETTED, () -> {});
        RelayChain withCalls = new RelayChain(kafka, "with-calls", HOPS, VETTED, calls)) {
      tail.awaitCaughtUp(Duration.ofSeconds(30));
      putPolicy();
      // One grant stays open on each machine, so that every further one meets the steady state.
      open(VM, "198.51.100.9", "PT2H");
      open(ARN, "198.51.100.9", "PT2H");
      // In turn two, one in each cloud, without spans and two with.
      for (int i = 0; i < 3 * requests; i++) {
        boolean onAzure = i % 2 == 0;
        boolean withSpans = i / 2 % 2 == 1;
        Trace.recordWith(withSpans ? spans : null);
        TimeUnit.NANOSECONDS.sleep(QUIET.toNanos());
        long bare = chain.once();
        long bareWithTransaction = withTransaction.once();
        calls.in(onAzure);
        long bareWithCalls = withCalls.once();
        calls.undo();
        TimeUnit.NANOSECONDS.sleep(QUIET.toNanos());
        long real = openAndClose(onAzure ? VM : ARN, "203.0.113." + (i % 250 + 1));
        if (i < requests) {
          continue; // a warm-up
        }
        if (withSpans) {
          traced.add(real);
        } else {
          floor.add(bare);
          exactlyOnce.add(bareWithTransaction);
          called.add(bareWithCalls);
          both.add(real);
          (onAzure ? azure : aws).add(real);
        }
      }
    }
    print(floor, exactlyOnce, called, both, azure, aws);
    System.out.printf(
        "%nto what is there with a transaction and the SDKs' calls alone: p50 %s, p99 %s%n",
        both.ratio(called, 50), both.ratio(called, 99));
    System.out.printf(
        "with spans that are sent: n %d, p50 %.1f ms, p99 %.1f ms; of the same without: p50 %s, p99 %s%n",
        traced.size(),
        traced.percentile(50),
        traced.percentile(99),
        traced.ratio(both, 50),
        traced.ratio(both, 99));
  }

  private static void print(
      Samples floor,
      Samples exactlyOnce,
      Samples called,
      Samples both,
      Samples azure,
      Samples aws) {
    String row = "| %-34s | %4d | %6.1f | %6.1f | %-16s | %-16s |%n";
    System.out.printf(
        "%n| 202 to AccessOpened                |    n | p50 ms | p99 ms | p50 / floor      | p99 / floor      |%n");
    System.out.println(
        "|------------------------------------|------|--------|--------|------------------|------------------|");
    System.out.printf(
        row,
        "floor: relay over " + HOPS + " topics",
        floor.size(),
        floor.percentile(50),
        floor.percentile(99),
        "1",
        "1");
    for (Map.Entry<String, Samples> e :
        List.of(
            Map.entry("the same, one hop exactly once", exactlyOnce),
            Map.entry("and with the SDKs' calls", called),
            Map.entry("both clouds", both),
            Map.entry("azure", azure),
            Map.entry("aws", aws))) {
      Samples s = e.getValue();
      System.out.printf(
          row,
          e.getKey(),
          s.size(),
          s.percentile(50),
          s.percentile(99),
          s.ratio(floor, 50),
          s.ratio(floor, 99));
    }
  }

  private void seen(AvroFraming framing, ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(Topics.LEASES.name())) {
      if (record.value() == null) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        latch(over, key.substring(key.lastIndexOf('/') + 1)).countDown();
      }
      return;
    }
    try {
      SpecificRecord event = framing.decode(record.value());
      if (event instanceof AccessOpened o) {
        grants.put(o.getRequestId(), o.getGrantId());
        latch(opened, o.getRequestId()).countDown();
      } else if (event instanceof AccessClosed c) {
        latch(closed, c.getRequestId()).countDown();
      }
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CountDownLatch latch(Map<String, CountDownLatch> latches, String id) {
    return latches.computeIfAbsent(id, i -> new CountDownLatch(1));
  }

  private long openAndClose(String machine, String source)
      throws IOException, InterruptedException, ExecutionException {
    String[] request = new String[1];
    long took = open(machine, source, "PT1H", request);
    String grant = Objects.requireNonNull(grants.remove(request[0]));
    // The read model follows the log; the grant is known to it a moment after AccessOpened.
    while (call("DELETE", "/api/v1/grants/" + grant, "").statusCode() == 404) {
      Thread.onSpinWait();
    }
    await(closed, request[0], "AccessClosed");
    // Nothing is left to do for this request when the next one is measured.
    await(over, grant, "tombstone of its lease");
    return took;
  }

  private long open(String machine, String source, String time)
      throws IOException, InterruptedException {
    return open(machine, source, time, new String[1]);
  }

  private long open(String machine, String source, String time, String[] request)
      throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "machines", List.of(machine),
                "ports", List.of(Map.of("port", 22, "protocol", "TCP")),
                "sources", List.of(source),
                "duration", time));
    HttpResponse<String> answer = call("POST", "/api/v1/requests", body);
    long begin = System.nanoTime();
    JsonNode tree = JSON.readTree(answer.body());
    request[0] = tree.path("id").asString("");
    if (answer.statusCode() != 202) {
      throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
    }
    await(opened, request[0], "AccessOpened");
    return System.nanoTime() - begin;
  }

  private static void await(Map<String, CountDownLatch> latches, String id, String what)
      throws InterruptedException {
    if (!latch(latches, id).await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no " + what + " for " + id);
    }
    latches.remove(id);
  }

  private void putPolicy() throws IOException, InterruptedException {
    String policy =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion",
                1,
                "name",
                "bench",
                "machines",
                List.of(Map.of("id", VM), Map.of("id", ARN)),
                "ports",
                List.of(
                    Map.of(
                        "port",
                        22,
                        "protocol",
                        "TCP",
                        "sources",
                        List.of("*"),
                        "maxDuration",
                        "PT3H")),
                "requestors",
                Map.of("groups", List.of("bench")),
                "existingRules",
                "override"));
    HttpResponse<String> answer = call("PUT", "/api/v1/policies/bench", policy);
    if (answer.statusCode() != 201) {
      throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
    }
  }

  private HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(web + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
