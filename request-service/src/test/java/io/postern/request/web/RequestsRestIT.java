package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalLevel;
import io.postern.event.ApprovalRequested;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Endpoint;
import io.postern.event.ExtensionRequested;
import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.event.RevocationRequested;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.GrantId;
import io.postern.model.RequestId;
import io.postern.platform.LogProbe;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Requests and what becomes of them, over REST. */
class RequestsRestIT extends RestDoor {
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

  @Test
  void aCallersTraceGoesOnInWhatIsPutOnTheLog() throws Exception {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    Map<String, String> headers = new HashMap<>(as("alice", "sre"));
    try (SdkTracerProvider recorder = SdkTracerProvider.builder().build()) {
      Trace.recordWith(recorder);
      headers.put("traceparent", "00-" + trace + "-b7ad6b7169203331-01");
      String id = body(call("POST", "/api/v1/requests", GOOD, headers)).path("id").asString();
      assertThat(traceOf(id)).matches("00-" + trace + "-[0-9a-f]{16}-0[13]");

      headers.put("traceparent", "00-" + trace + "-nonsense");
      String other = body(call("POST", "/api/v1/requests", GOOD, headers)).path("id").asString();
      assertThat(traceOf(other))
          .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]")
          .doesNotContain(trace);
    } finally {
      Trace.recordWith(null);
    }
  }

  private static String traceOf(String request) throws Exception {
    LogProbe.Seen seen =
        probe.awaitSeen(
            "the request",
            s ->
                s.event()
                    .filter(
                        e -> e instanceof RequestSubmitted r && r.getRequestId().equals(request))
                    .isPresent());
    return String.valueOf(Headers.text(seen.record().headers(), Headers.TRACE_PARENT));
  }
}
