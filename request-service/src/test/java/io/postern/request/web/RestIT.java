package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.log.Topics;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What holds for all of REST, whatever is asked. */
class RestIT extends RestDoor {
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
}
