package io.postern.quickstart;

import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.event.Lease;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.platform.Issuer;
import io.postern.platform.LogProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ports open and close on time, whichever other service is gone. */
class OnTimeE2E {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration SOON = Duration.ofSeconds(30);

  /** What is promised beyond the time that the cloud's own write takes. */
  private static final Duration BOUND = Duration.ofSeconds(10);

  private static final PrometheusMeterRegistry FIGURES =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();

  /** Told by processes of their own only; hosting's tests see it. */
  private static final String LAG = "postern_log_lag";

  private static final String PERSON = "203.0.113.7";

  @TempDir static Path home;
  private static Quickstart system;
  private static LogProbe probe;
  private static PosternClient alice;

  @BeforeAll
  static void start() throws Exception {
    Metrics.addRegistry(FIGURES);
    Trace.recordWith(
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(SPANS)).build());
    Issuer issuer = Issuer.in(home);
    Ports ports = FreePorts.take();
    system = Quickstart.start(ports, Data.at(null), issuer, Console.standard(false));
    probe =
        LogProbe.on(
            system.platform(),
            Topics.EXPIRATIONS.name(),
            Topics.LEASES.name(),
            Topics.REQUESTS.name(),
            Topics.VETTED.name(),
            Topics.DECISIONS.name(),
            Topics.ENFORCEMENT.name());
    alice = new PosternClient(system.clouds().web(), issuer.token("alice", List.of("sre")));
    String policy =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion", 1,
                "machines", List.of(Map.of("id", VM), Map.of("id", ARN)),
                "ports",
                    List.of(Map.of("port", 22, "sources", List.of("*"), "maxDuration", "PT1H")),
                "requestors", Map.of("groups", List.of("sre")),
                "extension", Map.of("maxTotal", "PT1H"),
                "reminder", "PT5S",
                "existingRules", "override"));
    PosternClient admin =
        new PosternClient(system.clouds().web(), issuer.token("root", List.of("admins")));
    assertThat(admin.call("PUT", "/api/v1/policies/web", policy, Map.of()).status()).isEqualTo(201);
    await().atMost(SOON).until(() -> passes().equals(List.of(false, false)));
  }

  @AfterAll
  static void close() {
    probe.close();
    system.close();
    Metrics.removeRegistry(FIGURES);
    Trace.recordWith(null);
  }

  @ParameterizedTest
  @ValueSource(strings = {Topics.EXPIRY_SERVICE, Topics.POLICY_SERVICE})
  void closesOnTimeWithoutItAndMakesTheEndOfficialWhenItIsBack(String service) throws Exception {
    String request = request("PT12S");
    await().atMost(SOON).until(() -> passes().equals(List.of(true, true)));
    await().atMost(SOON).until(() -> grants(request).size() == 2);
    List<String> grants = grants(request);

    system.stop(service);
    Instant end = ends(grants);
    assertThat(passes()).containsExactly(true, true);
    await().atMost(Duration.ofSeconds(40)).until(() -> passes().equals(List.of(false, false)));

    assertThat(Duration.between(end, Instant.now())).isBetween(Duration.ZERO, BOUND);
    boolean official = service.equals(Topics.POLICY_SERVICE);
    if (!official) {
      assertThat(expired(grants)).isEmpty();
    }
    system.resume(service);
    await().atMost(SOON).until(() -> expired(grants).size() == 2);
    await().atMost(SOON).until(() -> states(request).equals(Set.of("CLOSED EXPIRED")));
    // Policy-service lets the leases go, once.
    await().atMost(SOON).until(() -> tombstones(grants) == 2);
    assertThat(expired(grants)).hasSize(2);
  }

  @Test
  void aGrantForLaterOpensAtItsStartAndNotBefore() throws Exception {
    Instant start = Instant.now().plusSeconds(7);
    String request = request(Map.of("start", start.toString(), "duration", "PT6S"));
    await().atMost(SOON).until(() -> states(request).equals(Set.of("SCHEDULED -")));

    holdsUntil(start, List.of(false, false));
    await().atMost(SOON).until(() -> passes().equals(List.of(true, true)));
    assertThat(Instant.now()).isAfterOrEqualTo(start);
    await().atMost(SOON).until(() -> passes().equals(List.of(false, false)));
    assertThat(Instant.now()).isAfterOrEqualTo(start.plusSeconds(6));
    await().atMost(SOON).until(() -> states(request).equals(Set.of("CLOSED EXPIRED")));
  }

  @Test
  void anExtendedGrantClosesAtItsNewEndAndNotBefore() throws Exception {
    String request = request("PT9S");
    await().atMost(SOON).until(() -> passes().equals(List.of(true, true)));
    await().atMost(SOON).until(() -> grants(request).size() == 2);
    List<String> grants = grants(request);
    for (String grant : grants) {
      String extension = "/api/v1/grants/" + grant + "/extension";
      Api.Answer answer = alice.call("POST", extension, "{\"duration\": \"PT9S\"}", Map.of());
      assertThat(answer.status()).isEqualTo(202);
    }
    await().atMost(SOON).until(() -> leases(grants) == 4);
    Instant end = ends(grants);

    holdsUntil(firstEnd(grants), List.of(true, true));
    await().atMost(SOON).until(() -> passes().equals(List.of(false, false)));
    assertThat(Duration.between(end, Instant.now())).isBetween(Duration.ZERO, BOUND);
    await().atMost(SOON).until(() -> states(request).equals(Set.of("CLOSED EXPIRED")));
    assertThat(expired(grants)).hasSize(2);
    for (String grant : grants) {
      Instant last = ends(List.of(grant));
      assertThat(probe.all(AccessExpiring.class, e -> e.getGrantId().equals(grant)))
          .filteredOn(e -> e.getExpiresAt().equals(last))
          .singleElement()
          .satisfies(e -> assertThat(e.getOccurredAt()).isBetween(last.minusSeconds(5), last))
          .satisfies(e -> assertThat(e.getRequestor()).isEqualTo("alice"));
    }
  }

  @Test
  void measuresWhatIsDocumentedAndNothingElse() throws Exception {
    Set<String> documented = ObservationTest.documented();
    assertThat(documented.remove(LAG)).isTrue();
    assertThat(ObservationTest.metrics(FIGURES.scrape())).isEqualTo(documented);

    double before = figure("postern_open_time_seconds_count");
    String request = request("PT6S");
    await().atMost(SOON).until(() -> figure("postern_grants_open") == 2);
    assertThat(figure("postern_open_time_seconds_count")).isEqualTo(before + 2);
    await().atMost(SOON).until(() -> states(request).equals(Set.of("CLOSED EXPIRED")));
    assertThat(figure("postern_grants_open")).isZero();
    assertThat(figures("postern_cloud_budget_left"))
        .isNotEmpty()
        .allSatisfy(left -> assertThat(left).isBetween(0.0, 1.0));
  }

  @Test
  void oneTraceGoesFromTheCallThroughEveryTopicToTheCloudsAndBack() throws Exception {
    String traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    String caller = "00-" + traceId + "-00f067aa0ba902b7-01";
    EcsLines lines = EcsLines.of("io.postern.enforcement");
    String request = request(Map.of("duration", "PT6S"), Map.of("traceparent", caller));
    await().atMost(SOON).until(() -> states(request).equals(Set.of("CLOSED EXPIRED")));

    await().atMost(SOON).until(() -> named(traceId, "publish AccessClosed").size() == 2);
    String requestId = request.substring(request.lastIndexOf('/') + 1);
    assertThat(lines.close())
        .filteredOn(l -> l.path("requestId").asString("").equals(requestId))
        .hasSize(4)
        .allSatisfy(l -> assertThat(grants(request)).contains(l.path("grantId").asString("?")))
        .allSatisfy(l -> assertThat(l.at("/trace/id").asString("?")).isEqualTo(traceId));
    assertThat(named(traceId, "POST /api/v1/requests"))
        .singleElement()
        .satisfies(s -> assertThat(s.getParentSpanId()).isEqualTo("00f067aa0ba902b7"));
    assertThat(follows(traceId, "publish RequestSubmitted", "POST /api/v1/requests")).isEqualTo(1);
    assertThat(follows(traceId, "vet", "publish RequestSubmitted")).isEqualTo(1);
    assertThat(follows(traceId, "decide", "vet")).isEqualTo(2);
    assertThat(follows(traceId, "publish AccessOpened", "decide")).isEqualTo(2);
    assertThat(follows(traceId, "reconcile", "decide")).isGreaterThanOrEqualTo(4);
    assertThat(follows(traceId, "cloud write", "reconcile")).isGreaterThanOrEqualTo(4);
    assertThat(follows(traceId, "cloud read", "reconcile")).isGreaterThanOrEqualTo(4);
    assertThat(topicsOf(traceId))
        .containsExactlyInAnyOrder(
            Topics.REQUESTS.name(),
            Topics.VETTED.name(),
            Topics.DECISIONS.name(),
            Topics.LEASES.name(),
            Topics.ENFORCEMENT.name());
  }

  private static List<SpanData> named(String traceId, String name) {
    return SPANS.getFinishedSpanItems().stream()
        .filter(s -> s.getTraceId().equals(traceId) && s.getName().equals(name))
        .toList();
  }

  /** How many steps of that name follow directly from one of the other name. */
  private static long follows(String traceId, String name, String cause) {
    Set<String> causes =
        named(traceId, cause).stream().map(SpanData::getSpanId).collect(Collectors.toSet());
    return named(traceId, name).stream().filter(s -> causes.contains(s.getParentSpanId())).count();
  }

  private static Set<String> topicsOf(String traceId) {
    return probe.seen().stream()
        .map(LogProbe.Seen::record)
        .filter(r -> Trace.of(r.headers()).filter(t -> t.contains(traceId)).isPresent())
        .map(ConsumerRecord::topic)
        .collect(Collectors.toSet());
  }

  /** The sum over all series of that name. */
  private static double figure(String name) {
    return figures(name).stream().mapToDouble(Double::doubleValue).sum();
  }

  private static List<Double> figures(String name) {
    return FIGURES
        .scrape()
        .lines()
        .filter(l -> l.startsWith(name + "{"))
        .map(l -> Double.valueOf(l.substring(l.lastIndexOf(' ') + 1)))
        .toList();
  }

  /** Looks again and again until then; an answer that came too late proves nothing. */
  private static void holdsUntil(Instant time, List<Boolean> expected) throws Exception {
    while (true) {
      List<Boolean> seen = passes();
      if (!Instant.now().isBefore(time)) {
        return;
      }
      assertThat(seen).isEqualTo(expected);
    }
  }

  private static long leases(List<String> grants) {
    return probe.all(Lease.class, l -> grants.contains(l.getGrantId())).size();
  }

  /** Each grant was moved on; before both of these ends none may close. */
  private static Instant firstEnd(List<String> grants) {
    return grants.stream()
        .map(
            g ->
                probe.all(Lease.class, l -> l.getGrantId().equals(g)).stream()
                    .map(Lease::getExpiresAt)
                    .max(Instant::compareTo)
                    .orElseThrow())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  private static List<Boolean> passes() throws IOException, InterruptedException {
    return SystemProcess.passes(PERSON, system.clouds().arm(), system.clouds().ec2());
  }

  private static String request(String time) throws IOException, InterruptedException {
    return request(Map.of("duration", time));
  }

  private static String request(Map<String, String> times)
      throws IOException, InterruptedException {
    return request(times, Map.of());
  }

  private static String request(Map<String, String> times, Map<String, String> headers)
      throws IOException, InterruptedException {
    Map<String, Object> asked = new HashMap<>(times);
    asked.put("machines", List.of(VM, ARN));
    asked.put("ports", List.of(Map.of("port", 22, "protocol", "TCP")));
    asked.put("sources", List.of(PERSON));
    String body = JSON.writeValueAsString(asked);
    Api.Answer answer = alice.call("POST", "/api/v1/requests", body, headers);
    assertThat(answer.status()).isEqualTo(202);
    return answer.headers().getOrDefault("location", "");
  }

  private static List<String> grants(String request) throws IOException, InterruptedException {
    return items(request).stream().map(g -> g.path("id").asString("?")).toList();
  }

  private static Set<String> states(String request) throws IOException, InterruptedException {
    return items(request).stream()
        .map(g -> g.path("state").asString("?") + " " + g.path("reason").asString("-"))
        .collect(Collectors.toSet());
  }

  private static List<JsonNode> items(String request) throws IOException, InterruptedException {
    return alice.get(request).body().path("grants").valueStream().toList();
  }

  private static Instant ends(List<String> grants) {
    return probe.all(Lease.class, l -> grants.contains(l.getGrantId())).stream()
        .map(Lease::getExpiresAt)
        .max(Instant::compareTo)
        .orElseThrow();
  }

  private static List<AccessExpired> expired(List<String> grants) {
    return probe.all(AccessExpired.class, e -> grants.contains(e.getGrantId()));
  }

  private static long tombstones(List<String> grants) {
    return probe.seen().stream()
        .map(LogProbe.Seen::record)
        .filter(r -> r.value() == null)
        .map(r -> new String(r.key(), StandardCharsets.UTF_8))
        .filter(k -> grants.contains(k.substring(k.lastIndexOf('/') + 1)))
        .count();
  }
}
