package io.postern.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON over HTTP, as any client would speak it. */
final class Api {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final HttpClient http;
  private final String base;

  /** An answer. */
  record Answer(int status, JsonNode body, Map<String, String> headers) {}

  Api(String base) {
    this(base, HttpClient.newHttpClient());
  }

  /** Over TLS, with whom it is believed. */
  Api(String base, SSLContext trust) {
    this(base, HttpClient.newBuilder().sslContext(trust).build());
  }

  private Api(String base, HttpClient http) {
    this.base = base;
    this.http = http;
  }

  Answer call(String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(TIMEOUT)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty() && !headers.containsKey("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    Map<String, String> received = new java.util.HashMap<>();
    answer
        .headers()
        .map()
        .forEach((n, v) -> received.put(n.toLowerCase(java.util.Locale.ROOT), v.get(0)));
    JsonNode tree =
        answer.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    return new Answer(answer.statusCode(), tree, received);
  }
}
