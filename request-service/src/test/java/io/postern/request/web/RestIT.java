package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalLevel;
import io.postern.event.ApprovalRequested;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Endpoint;
import io.postern.event.ExtensionRequested;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PolicyPut;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.event.RevocationRequested;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RestIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final String GOOD =
      """
      {"machines": ["%s"], "ports": [{"port": 22, "protocol": "TCP"}],
       "sources": ["203.0.113.7/32"], "duration": "PT15M", "justification": "INC-42"}"""
          .formatted(MACHINE);

  @TempDir static Path home;

  private static Platform platform;
  private static Door door;
  private static LogProbe probe;
  private static KafkaProducer<byte[], byte[]> producer;
  private static String base;

  @BeforeAll
  static void start() throws Exception {
    platform = SharedPlatform.get();
    producer = platform.kafka().newProducer("test");
    probe = LogProbe.on(platform, Topics.REQUESTS.name(), Topics.POLICY_CHANGES.name());
    // What is tried here many times over is not to be refused for that.
    door =
        Door.start(
                platform.connection(Topics.REQUEST_SERVICE),
                home,
                Map.of("postern.rate.burst", "1000000"))
            .awaitReady();
    base = door.url();
  }

  @AfterAll
  static void stop() {
    door.close();
    probe.close();
    producer.close();
  }

  private static Map<String, String> as(String subject, String... groups) {
    return Door.as(subject, groups);
  }

  private static HttpResponse<String> call(
      String method, String path, String body, Map<String, String> headers) throws Exception {
    return door.call(method, path, body, headers);
  }

  private static JsonNode body(HttpResponse<String> answer) {
    return Door.body(answer);
  }

  private static String location(HttpResponse<String> answer) {
    return answer.headers().firstValue("Location").orElseThrow();
  }

  @Test
  void a202MeansThatTheRequestIsOnTheLogInTheCallersName() throws Exception {
    HttpResponse<String> answer = call("POST", "/api/v1/requests", GOOD, as("alice", "sre"));
    assertThat(answer.statusCode()).isEqualTo(202);
    String id = body(answer).path("id").asString();
    RequestSubmitted event = probe.await(RequestSubmitted.class, r -> r.getRequestId().equals(id));
    assertThat(event.getRequestor())
        .isEqualTo(new Person("alice", "http://issuer", List.of("sre")));
    assertThat(event.getDurationMillis()).isEqualTo(Duration.ofMinutes(15).toMillis());
    assertThat(event.getSources()).containsExactly("203.0.113.7/32");
  }

  @Test
  void whoAsksFindsTheRequestAtOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = call("POST", "/api/v1/requests", GOOD, as("alice", "sre"));
      HttpResponse<String> seen = call("GET", location(answer), "", as("alice", "sre"));
      assertThat(seen.statusCode()).isEqualTo(200);
      assertThat(body(seen).path("machines").path(0).asString("")).isEqualTo(MACHINE.value());
    }
  }

  @Test
  void saysWhoTheCallerIs() throws Exception {
    JsonNode me = body(call("GET", "/api/v1/whoami", "", as("alice", "sre", "admins")));

    assertThat(me.path("subject").asString("")).isEqualTo("alice");
    assertThat(me.path("groups").valueStream().map(g -> g.asString("")))
        .containsExactly("admins", "sre");
    assertThat(me.path("admin").asBoolean(false)).isTrue();
    assertThat(me.path("address").asString("")).isEqualTo("127.0.0.1");
    assertThat(me.path("mayAsk").isArray()).isTrue();
  }

  @Test
  void withoutASourceItIsTheCallersOwnAddressWhateverAHeaderClaims() throws Exception {
    Map<String, String> headers = new HashMap<>(as("alice", "sre"));
    headers.put("X-Forwarded-For", "198.51.100.1");
    String body = GOOD.replace("\"sources\": [\"203.0.113.7/32\"],", "");
    String id = body(call("POST", "/api/v1/requests", body, headers)).path("id").asString();
    assertThat(probe.await(RequestSubmitted.class, r -> r.getRequestId().equals(id)).getSources())
        .containsExactly("127.0.0.1/32");
  }

  @Test
  void theSameIdempotencyKeyIsTheSameRequestForTheSamePersonOnly() throws Exception {
    Map<String, String> alice = new HashMap<>(as("alice"));
    alice.put("Idempotency-Key", "k1");
    Map<String, String> bob = new HashMap<>(as("bob"));
    bob.put("Idempotency-Key", "k1");
    String first = location(call("POST", "/api/v1/requests", GOOD, alice));
    assertThat(location(call("POST", "/api/v1/requests", GOOD, alice))).isEqualTo(first);
    assertThat(location(call("POST", "/api/v1/requests", GOOD, bob))).isNotEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.7/32 | 203.0.113.300/33 | sources[0]",
        "\"port\": 22 | \"port\": 70000 | ports[0].port",
        "\"TCP\" | \"ICMP\" | ports[0].protocol",
        "PT15M | soon | duration",
        "\"duration\": | \"start\": \"noon\", \"duration\": | start",
        "PT15M | -PT5M | duration",
        "arn:aws:ec2 | arn:aws:s3 | machines[0]",
        "\"duration\": | \"durationn\": | duration",
        "\"duration\": | \"durationn\": | durationn",
        "\"machines\": [ | \"machines\": [[], | machines[0]",
        "[{\"port\" | [1, {\"port\" | ports[0]"
      })
  void namesTheFieldThatIsWrongWithItsRuleAndWhatWasGiven(String good, String bad, String field)
      throws Exception {
    HttpResponse<String> answer =
        call("POST", "/api/v1/requests", GOOD.replace(good, bad), as("alice"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    JsonNode problem = body(answer);
    assertThat(problem.path("code").asString()).isEqualTo("INVALID_REQUEST");
    assertThat(problem.path("requestId").asString()).isNotBlank();
    assertThat(problem.path("errors").valueStream().map(e -> e.path("field").asString()))
        .contains(field);
  }

  @Test
  void whatIsNoJsonIsAProblemAndNotAFailure() throws Exception {
    for (String bad : List.of("{", "[]", "null", "1", "\"x\"", "{\"machines\":{}}", "\u0000")) {
      assertThat(call("POST", "/api/v1/requests", bad, as("alice")).statusCode())
          .as(bad)
          .isEqualTo(400);
    }
  }

  @Test
  void aBodyThatIsTooLongIsRefused() throws Exception {
    String body = GOOD.replace("INC-42", "x".repeat(BodyLimit.MAX_BYTES));
    assertThat(call("POST", "/api/v1/requests", body, as("alice")).statusCode()).isEqualTo(413);
  }

  @Test
  void withoutAValidTokenNothingIsAnswered() throws Exception {
    assertThat(call("GET", "/api/v1/requests", "", Map.of()).statusCode()).isEqualTo(401);
    assertThat(
            call("GET", "/api/v1/requests", "", Map.of("Authorization", "Bearer x.y.z"))
                .statusCode())
        .isEqualTo(401);
  }

  private static void send(String writer, Topic topic, SpecificRecord event) throws Exception {
    producer
        .send(
            platform
                .codec(writer)
                .encode(
                    topic,
                    MACHINE.scope(),
                    platform.partitions(),
                    MACHINE.scope().value(),
                    event,
                    Optional.empty()))
        .get();
  }

  @Test
  void tellsTheDecisionAndTheGrantsStateAndWhatToConnectTo() throws Exception {
    String location = location(call("POST", "/api/v1/requests", GOOD, as("carol")));
    RequestId request = RequestId.parse(location.substring(location.lastIndexOf('/') + 1));
    GrantId grant = GrantId.of(request, MACHINE);
    Instant now = Instant.now();
    // Opened before granted: topics of different writers have no order between them.
    send(
        Topics.AWS_ENFORCER,
        Topics.ENFORCEMENT,
        new AccessOpened(
            UUID.randomUUID().toString(),
            now,
            grant.toString(),
            request.toString(),
            MACHINE.value(),
            MACHINE.scope().value(),
            List.of("203.0.113.7/32"),
            List.of(new Endpoint("54.220.1.10", 22, Protocol.TCP)),
            now.plusSeconds(900),
            List.of("sg"),
            ""));
    send(
        Topics.POLICY_SERVICE,
        Topics.DECISIONS,
        new AccessGranted(
            UUID.randomUUID().toString(),
            now,
            grant.toString(),
            request.toString(),
            MACHINE.value(),
            MACHINE.scope().value(),
            new Person("carol", "http://issuer", List.of()),
            List.of(new PortSelection(22, 22, Protocol.TCP)),
            List.of("203.0.113.7/32"),
            now,
            now,
            now.plusSeconds(900),
            "web",
            1L,
            List.of(),
            List.of(),
            "digest",
            null));
    await()
        .untilAsserted(
            () -> {
              JsonNode seen = body(call("GET", location, "", as("carol")));
              assertThat(seen.path("state").asString()).isEqualTo("GRANTED");
              JsonNode g = seen.path("grants").path(0);
              assertThat(g.path("state").asString()).isEqualTo("OPEN");
              assertThat(g.path("connect").path(0).path("address").asString())
                  .isEqualTo("54.220.1.10");
            });
    assertThat(call("GET", location, "", as("mallory")).statusCode()).isEqualTo(404);
    assertThat(call("GET", location, "", as("root", "admins")).statusCode()).isEqualTo(200);
    assertThat(call("DELETE", "/api/v1/grants/" + grant, "", as("mallory")).statusCode())
        .isEqualTo(404);
    String more = "/api/v1/grants/" + grant + "/extension";
    assertThat(call("POST", more, "{\"duration\": \"soon\"}", as("carol")).statusCode())
        .isEqualTo(400);
    assertThat(call("POST", more, "{\"duration\": \"PT5M\"}", as("root", "admins")).statusCode())
        .isEqualTo(403);
    assertThat(call("POST", more, "{\"duration\": \"PT5M\"}", as("carol")).statusCode())
        .isEqualTo(202);
    probe.await(ExtensionRequested.class, e -> e.getGrantId().equals(grant.toString()));
    assertThat(call("DELETE", "/api/v1/grants/" + grant, "", as("carol")).statusCode())
        .isEqualTo(202);
    assertThat(
            probe
                .await(RevocationRequested.class, r -> r.getGrantId().equals(grant.toString()))
                .getRequestor()
                .getSubject())
        .isEqualTo("carol");
  }

  @Test
  void tellsWhyARequestIsDenied() throws Exception {
    String location = location(call("POST", "/api/v1/requests", GOOD, as("dave")));
    String request = location.substring(location.lastIndexOf('/') + 1);
    send(
        Topics.POLICY_SERVICE,
        Topics.DECISIONS,
        new AccessDenied(
            UUID.randomUUID().toString(),
            Instant.now(),
            request,
            MACHINE.value(),
            MACHINE.scope().value(),
            new Person("dave", "http://issuer", List.of()),
            List.of(new Reason("NOT_ENTITLED", "not in a group")),
            null,
            0L,
            List.of(),
            "digest"));
    await()
        .untilAsserted(
            () -> {
              JsonNode seen = body(call("GET", location, "", as("dave")));
              assertThat(seen.path("state").asString()).isEqualTo("DENIED");
              assertThat(seen.path("reasons").path(0).path("code").asString())
                  .isEqualTo("NOT_ENTITLED");
            });
  }

  @Test
  void anApproverSeesWhatWaitsAndAnswersExactlyThat() throws Exception {
    String location = location(call("POST", "/api/v1/requests", GOOD, as("dora")));
    String request = location.substring(location.lastIndexOf('/') + 1);
    send(Topics.POLICY_SERVICE, Topics.DECISIONS, asked(request, "dora"));
    await()
        .untilAsserted(
            () ->
                assertThat(
                        body(call("GET", location, "", as("bob", "leads")))
                            .path("state")
                            .asString())
                    .isEqualTo("PENDING_APPROVAL"));
    JsonNode shown =
        body(call("GET", "/api/v1/requests?state=PENDING_APPROVAL", "", as("bob", "leads")));
    assertThat(shown.path("items").valueStream().map(i -> i.path("id").asString()))
        .contains(request);
    assertThat(call("GET", location, "", as("eve", "sre")).statusCode()).isEqualTo(404);
    String path = location + "/approval";
    assertThat(call("POST", path, "{\"decision\": \"yes\"}", as("bob", "leads")).statusCode())
        .isEqualTo(400);
    String yes = "{\"decision\": \"approve\", \"reason\": \"ok\", \"digest\": \"%s\"}";
    assertThat(call("POST", path, yes.formatted("other"), as("bob", "leads")).statusCode())
        .isEqualTo(409);
    assertThat(call("POST", path, yes.formatted("d1"), as("dora", "leads")).statusCode())
        .isEqualTo(403);
    assertThat(call("POST", path, yes.formatted("d1"), as("bob", "leads")).statusCode())
        .isEqualTo(202);
    ApprovalGiven given = probe.await(ApprovalGiven.class, a -> a.getRequestId().equals(request));
    assertThat(given.getRequestDigest()).isEqualTo("d1");
    assertThat(given.getMachineIds()).containsExactly(MACHINE.value());
    assertThat(call("DELETE", location, "", as("bob", "leads")).statusCode()).isEqualTo(403);
    assertThat(call("DELETE", location, "", as("dora")).statusCode()).isEqualTo(202);
    probe.await(
        RevocationRequested.class,
        r -> r.getGrantId().equals(GrantId.of(RequestId.parse(request), MACHINE).toString()));
  }

  @Test
  void theOpenApiDocumentIsTheOneThatIsCommitted() throws Exception {
    HttpResponse<String> answer = call("GET", "/v3/api-docs.yaml", "", Map.of());
    assertThat(answer.statusCode()).isEqualTo(200);
    String told = answer.body();
    Path committed = Path.of("../docs/openapi.yaml");
    if (Boolean.getBoolean("postern.docs.write")) {
      Files.writeString(committed, told);
    }
    assertThat(told)
        .as("write it with -Dtest=RestIT -Dpostern.docs.write=true")
        .isEqualTo(Files.readString(committed));
    assertThat(told).contains("/api/v1/requests/{id}/approval").doesNotContain("Jwt");
  }

  private static final List<String> HOSTILE =
      List.of(
          "null",
          "[]",
          "\"\"",
          "{}",
          "1e400",
          "-1",
          "\"\\u0000\"",
          "\"' or 1=1 --\"",
          "\"<script>alert(1)</script>\"",
          "\"a\\r\\nSet-Cookie: b=c\"",
          "\"\\ud800\"",
          "\"" + "x".repeat(5_000) + "\"",
          "[".repeat(900) + "]".repeat(900),
          "{\"a\":".repeat(300) + "1" + "}".repeat(300));

  /** Each operation of the OpenAPI document, each of its parameters and fields, each made wrong. */
  @Test
  void nothingThatAnybodySendsIsAFailureHere() throws Exception {
    JsonNode document = JSON.readTree(call("GET", "/v3/api-docs", "", Map.of()).body());
    Map<String, String> admin = as("root", "admins");
    int calls = 0;
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (path.getKey().equals("/api/v1/stream")) {
          continue;
        }
        String method = operation.getKey().toUpperCase(java.util.Locale.ROOT);
        for (String wrong : HOSTILE) {
          String text = wrong.length() > 300 ? wrong.substring(0, 300) : wrong;
          String encoded =
              java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8)
                  .replace("%2F", "-")
                  .replace("%5C", "-")
                  .replace("%00", "-");
          String where = path.getKey().replaceAll("[{][a-z]+[}]", encoded);
          StringBuilder query = new StringBuilder("?x=1");
          operation
              .getValue()
              .path("parameters")
              .forEach(
                  p ->
                      query.append(
                          p.path("in").asString("").equals("query")
                              ? "&" + p.path("name").asString("") + "=" + encoded
                              : ""));
          String schema =
              operation
                  .getValue()
                  .at("/requestBody/content/application~1json/schema/$ref")
                  .asString("");
          for (String body : bodies(document, schema, wrong)) {
            HttpResponse<String> answer = call(method, where + query, body, admin);
            calls++;
            assertThat(answer.statusCode())
                .as("%s %s %s", method, where + query, body)
                .isLessThan(500)
                .isNotEqualTo(429);
            assertThat(answer.headers().firstValue("Content-Type").orElse("json"))
                .as("nothing is answered that a browser would run")
                .contains("json");
          }
        }
      }
    }
    assertThat(calls).isGreaterThan(300);
  }

  /** The document itself wrong, and each of its fields. */
  private static List<String> bodies(JsonNode document, String schema, String wrong) {
    if (schema.isEmpty()) {
      return List.of("");
    }
    List<String> bodies = new java.util.ArrayList<>(List.of(wrong));
    for (String field : document.at(schema.substring(1)).path("properties").propertyNames()) {
      bodies.add("{\"" + field + "\": " + wrong + "}");
    }
    return bodies;
  }

  @Test
  void whoCallsTooOftenIsToldWhenToComeAgainAndNobodyElse() throws Exception {
    Map<String, Object> few = Map.of("postern.rate.burst", "3", "postern.rate.per-second", "1");
    try (Door strict = Door.start(platform.connection(Topics.REQUEST_SERVICE), home, few)) {
      HttpResponse<String> answer = strict.call("GET", "/api/v1/whoami", "", as("wild"));
      for (int i = 0; i < 100 && answer.statusCode() == 200; i++) {
        answer = strict.call("GET", "/api/v1/whoami", "", as("wild"));
      }
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(body(answer).path("code").asString("")).isEqualTo("TOO_MANY_REQUESTS");
      assertThat(strict.call("GET", "/api/v1/whoami", "", as("calm")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void tellsTheRecordOfARequestAndUpToWhenItIsKnown() throws Exception {
    String location = location(call("POST", "/api/v1/requests", GOOD, as("erin")));
    String request = location.substring(location.lastIndexOf('/') + 1);
    String path = "/api/v1/events?request=" + request;
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = call("GET", path, "", as("erin"));
              JsonNode event = body(answer).path("items").path(0);
              assertThat(event.path("type").asString("")).isEqualTo("RequestSubmitted");
              assertThat(event.path("person").asString("")).isEqualTo("erin");
              assertThat(event.path("content").path("justification").asString(""))
                  .isEqualTo("INC-42");
              Instant asOf =
                  Instant.parse(answer.headers().firstValue(AsOfHeader.NAME).orElseThrow());
              assertThat(asOf).isAfterOrEqualTo(Instant.parse(event.path("at").asString("")));
            });
    assertThat(body(call("GET", path, "", as("mallory"))).path("items").size()).isZero();
    assertThat(call("GET", "/api/v1/events?from=noon", "", as("erin")).statusCode()).isEqualTo(400);
    assertThat(call("GET", "/api/v1/events?request=1", "", as("erin")).statusCode()).isEqualTo(400);
  }

  @Test
  void aStreamGoesOnBehindTheLastEventThatWasSeen() throws Exception {
    String first;
    try (EventStream stream = EventStream.open(base + "/api/v1/stream", as("frank"))) {
      String location = location(call("POST", "/api/v1/requests", GOOD, as("frank")));
      call("POST", "/api/v1/requests", GOOD, as("grace"));
      String request = location.substring(location.lastIndexOf('/') + 1);
      EventStream.Event event = stream.next();
      assertThat(event.name()).isEqualTo("RequestSubmitted");
      assertThat(JSON.readTree(event.data()).path("request").asString("")).isEqualTo(request);
      first = event.id();
    }
    // Somebody else's is between them, and must not be seen.
    String missed = location(call("POST", "/api/v1/requests", GOOD, as("frank")));
    Map<String, String> again = new HashMap<>(as("frank"));
    again.put("Last-Event-ID", first);
    try (EventStream stream = EventStream.open(base + "/api/v1/stream", again)) {
      assertThat(JSON.readTree(stream.next().data()).path("request").asString(""))
          .isEqualTo(missed.substring(missed.lastIndexOf('/') + 1));
    }
    // An id of before the store was rebuilt: what is recent comes again.
    again.put("Last-Event-ID", first.replaceFirst("^[^_]*", "another"));
    try (EventStream stream = EventStream.open(base + "/api/v1/stream", again)) {
      assertThat(stream.next().id()).isEqualTo(first);
    }
    again.put("Last-Event-ID", "nonsense");
    assertThat(call("GET", "/api/v1/stream", "", again).statusCode()).isEqualTo(400);
  }

  @Test
  void somebodyElseReviewsAUseOfBreakGlass() throws Exception {
    String body = GOOD.replace("\"duration\"", "\"breakGlass\": true, \"duration\"");
    String location = location(call("POST", "/api/v1/requests", body, as("fay", "admins")));
    String request = location.substring(location.lastIndexOf('/') + 1);
    assertThat(
            probe
                .await(RequestSubmitted.class, r -> r.getRequestId().equals(request))
                .getBreakGlass())
        .isTrue();
    String grant = GrantId.of(RequestId.parse(request), MACHINE).toString();
    Person fay = new Person("fay", "http://issuer", List.of());
    Instant now = Instant.now();
    send(
        Topics.POLICY_SERVICE,
        Topics.DECISIONS,
        AccessGranted.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setOccurredAt(now)
            .setGrantId(grant)
            .setRequestId(request)
            .setMachineId(MACHINE.value())
            .setScope(MACHINE.scope().value())
            .setRequestor(fay)
            .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
            .setSources(List.of("203.0.113.7/32"))
            .setGrantedAt(now)
            .setStartsAt(now)
            .setExpiresAt(now.plusSeconds(900))
            .setPolicyId("web")
            .setPolicyVersion(1)
            .setChecks(List.of())
            .setRequestDigest("d")
            .build());
    send(
        Topics.POLICY_SERVICE,
        Topics.DECISIONS,
        new BreakGlassUsed(
            UUID.randomUUID().toString(),
            now,
            grant,
            request,
            MACHINE.value(),
            MACHINE.scope().value(),
            fay,
            "web",
            "INC-42"));
    String path = "/api/v1/break-glass";
    await()
        .untilAsserted(
            () -> {
              JsonNode list = body(call("GET", path + "?reviewed=false", "", as("root", "admins")));
              assertThat(
                      list.path("items")
                          .valueStream()
                          .map(i -> i.path("grant").path("id").asString()))
                  .contains(grant);
            });
    String review = path + "/" + grant + "/review";
    assertThat(call("POST", review, "{}", as("eve", "sre")).statusCode()).isEqualTo(404);
    assertThat(call("POST", review, "{}", as("fay", "admins")).statusCode()).isEqualTo(403);
    assertThat(call("POST", review, "{}", as("root", "admins")).statusCode()).isEqualTo(202);
    probe.await(ReviewGiven.class, r -> r.getGrantId().equals(grant));
  }

  private static ApprovalRequested asked(String request, String who) {
    return ApprovalRequested.newBuilder()
        .setEventId(UUID.randomUUID().toString())
        .setOccurredAt(Instant.now())
        .setRequestId(request)
        .setMachineId(MACHINE.value())
        .setScope(MACHINE.scope().value())
        .setRequestDigest("d1")
        .setPolicyId("web")
        .setPolicyVersion(1)
        .setTimesOutAt(Instant.now().plusSeconds(60))
        .setRequestor(new Person(who, "http://issuer", List.of()))
        .setLevels(List.of(new ApprovalLevel(false, List.of("leads"), List.of(), 1, List.of())))
        .build();
  }

  private static final String POLICY =
      """
      {"schemaVersion": 1, "machines": [{"id": "%s"}],
       "ports": [{"port": 22, "sources": ["*"], "maxDuration": "PT3H"}],
       "requestors": {"groups": ["sre"]}}"""
          .formatted(MACHINE);

  @Test
  void onlyAdminsChangePoliciesAndIfMatchGuardsTheChange() throws Exception {
    String path = "/api/v1/policies/rest";
    assertThat(call("PUT", path, POLICY, as("alice", "sre")).statusCode()).isEqualTo(403);
    assertThat(probe.all(PolicyPut.class, p -> p.getPolicyId().equals("rest"))).isEmpty();
    HttpResponse<String> bad =
        call("PUT", path, POLICY.replace("PT3H", "PT48H"), as("root", "admins"));
    assertThat(bad.statusCode()).isEqualTo(400);
    assertThat(body(bad).path("errors").path(0).path("field").asString())
        .isEqualTo("ports[0].maxDuration");

    HttpResponse<String> untyped =
        call(
            "PUT",
            path,
            POLICY.replace("\"requestors\"", "\"condition\": \"now > 1\", \"requestors\""),
            as("root", "admins"));
    assertThat(body(untyped).path("errors").path(0).path("field").asString())
        .isEqualTo("condition");

    PolicyPut[] put = new PolicyPut[1];
    Thread policyService =
        Thread.startVirtualThread(
            () -> {
              try {
                put[0] = probe.await(PolicyPut.class, p -> p.getPolicyId().equals("rest"));
                producer
                    .send(
                        platform
                            .codec(Topics.POLICY_SERVICE)
                            .encode(
                                Topics.POLICIES,
                                "rest",
                                new JitPolicy(
                                    "rest",
                                    7L,
                                    put[0].getDocument(),
                                    put[0].getEventId(),
                                    "root",
                                    Instant.now()),
                                Optional.empty()))
                    .get();
              } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
              }
            });
    HttpResponse<String> created = call("PUT", path, POLICY, as("root", "admins"));
    policyService.join();
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("ETag")).contains("\"7\"");
    assertThat(body(call("GET", path, "", as("alice"))).path("version").asInt()).isEqualTo(7);
    Map<String, String> stale = new HashMap<>(as("root", "admins"));
    stale.put("If-Match", "\"6\"");
    assertThat(call("PUT", path, POLICY, stale).statusCode()).isEqualTo(412);
    assertThat(call("DELETE", path, "", stale).statusCode()).isEqualTo(412);
    assertThat(call("DELETE", "/api/v1/policies/none", "", as("root", "admins")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void aPageBeyondTheEndAndABrokenCursorAreAnswered() throws Exception {
    JsonNode page =
        body(
            call(
                "GET",
                "/api/v1/requests?cursor=0_00000000-0000-0000-0000-000000000000",
                "",
                as("alice")));
    assertThat(page.path("items").size()).isZero();
    assertThat(page.path("nextCursor").isNull()).isTrue();
    assertThat(call("GET", "/api/v1/requests?cursor=x", "", as("alice")).statusCode())
        .isEqualTo(400);
    assertThat(call("GET", "/api/v1/machines?id=x", "", as("alice")).statusCode()).isEqualTo(400);
  }

  @Test
  void tellsHowMachinesStandAndWhoReachesThem() throws Exception {
    String id = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def5678ff";
    MachineId machine = new MachineId(id);
    MachineAssessed open =
        MachineReportsTest.machine(
            id,
            "wide-open",
            MachineReportsTest.port(22, MachineReportsTest.from(List.of(), "0.0.0.0/0")));
    producer
        .send(
            platform
                .codec(Topics.AWS_ENFORCER)
                .encode(
                    Topics.MACHINES,
                    machine.scope(),
                    platform.partitions(),
                    id,
                    open,
                    Optional.empty()))
        .get();
    Map<String, String> alice = as("alice");
    String one = "/api/v1/machines?id=" + id;
    await().until(() -> body(call("GET", one, "", alice)).path("items").size() == 1);
    JsonNode told = body(call("GET", one, "", alice)).path("items").path(0);
    assertThat(told.path("severity").asString()).isEqualTo("CRITICAL");
    assertThat(told.path("reasonCode").asString()).isEqualTo("LOCKED_BUT_BYPASSED");
    assertThat(told.path("bypassedBy").path(0).path("rule").asString()).isEqualTo("sgr-1");
    assertThat(told.path("exposure").path(0).path("port").asString()).isEqualTo("22");
    assertThat(told.path("exposure").path(0).path("reachableFrom").path(0).path("sources"))
        .hasToString("[\"0.0.0.0/0\"]");

    String filtered =
        "/api/v1/machines?assessment=unhealthy&severity=HIGH&reason=LOCKED_BUT_BYPASSED";
    JsonNode page = body(call("GET", filtered, "", alice)).path("items");
    assertThat(page).map(m -> m.path("id").asString()).contains(id);
    assertThat(page.path(0).path("exposure").isNull()).isTrue();
    assertThat(
            body(call("GET", "/api/v1/machines?assessment=HEALTHY&id=" + id, "", alice))
                .path("items"))
        .isEmpty();
    HttpResponse<String> wrong = call("GET", "/api/v1/machines?severity=bad", "", alice);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("must be one of UNKNOWN, NONE, LOW, MEDIUM, HIGH, CRITICAL");

    JsonNode counts = body(call("GET", "/api/v1/machines/counts?id=" + id, "", alice));
    assertThat(counts.path("total").asInt()).isEqualTo(1);
    assertThat(counts.path("severities").path("CRITICAL").asInt()).isEqualTo(1);

    HttpResponse<String> csv =
        call("GET", "/api/v1/machines/export?format=csv&id=" + id, "", alice);
    assertThat(csv.headers().firstValue("Content-Type")).contains("text/csv;charset=utf-8");
    assertThat(csv.body().lines().toList()).hasSize(2);
    HttpResponse<String> ocsf =
        call("GET", "/api/v1/machines/export?format=ocsf&id=" + id, "", alice);
    assertThat(JSON.readTree(ocsf.body()).path("class_uid").asInt()).isEqualTo(2003);
    assertThat(call("GET", "/api/v1/machines/export?format=pdf", "", alice).statusCode())
        .isEqualTo(400);

    HttpResponse<String> draft =
        call("GET", "/api/v1/machines/suggested-policy?name=d&group=sre&id=" + id, "", alice);
    assertThat(draft.statusCode()).isEqualTo(200);
    assertThat(body(draft).path("ports").path(0).path("sources")).hasToString("[\"*\"]");
    assertThat(
            call(
                    "GET",
                    "/api/v1/machines/suggested-policy?id=" + id.replace("8ff", "8fe"),
                    "",
                    alice)
                .statusCode())
        .isEqualTo(404);
  }
}
