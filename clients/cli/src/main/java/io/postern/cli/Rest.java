package io.postern.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Postern's REST API, version 1, as one person. */
final class Rest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 3;

  private final HttpClient http;
  private final URI base;
  private final String token;

  Rest(URI base, String token) {
    this.base = base;
    this.token = token;
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
    if ("http".equalsIgnoreCase(base.getScheme())) {
      builder.sslContext(trustsNobody());
    }
    this.http = builder.build();
  }

  /** Without TLS no certificate is looked at, and reading those of the JDK takes a while. */
  private static SSLContext trustsNobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }

  /** An answer that is no refusal. */
  record Answer(int status, JsonNode body, String etag) {}

  JsonNode get(String path) {
    return call("GET", path, null, Map.of()).body();
  }

  /** Empty while there is no such thing. */
  Optional<JsonNode> find(String path) {
    try {
      return Optional.of(get(path));
    } catch (CliException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** All items of a list, over its pages. */
  List<JsonNode> list(String path) {
    List<JsonNode> items = new ArrayList<>();
    String cursor = "";
    do {
      String page = cursor.isEmpty() ? path : path + (path.contains("?") ? "&" : "?") + cursor;
      JsonNode body = get(page);
      body.path("items").forEach(items::add);
      String next = body.path("nextCursor").asString("");
      cursor = next.isEmpty() ? "" : "cursor=" + next;
    } while (!cursor.isEmpty());
    return items;
  }

  /**
   * One call. A call that nobody answers is made again, twice at most: each is such that a repeat
   * changes nothing, or carries an {@code Idempotency-Key}.
   *
   * @throws CliException with what the server says is wrong, or when it does not answer
   */
  Answer call(String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(method, path, body, headers);
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new CliException(
              Exit.UNREACHABLE, "no answer from " + base + ": " + e.getClass().getSimpleName());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CliException(Exit.TIMEOUT, "interrupted");
      }
    }
  }

  private Answer once(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.toString()));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    JsonNode tree = tree(answer.body());
    if (answer.statusCode() >= 400) {
      throw new CliException(
          exitCode(answer.statusCode()),
          sentence(answer.statusCode(), tree),
          answer.statusCode(),
          tree);
    }
    return new Answer(answer.statusCode(), tree, answer.headers().firstValue("ETag").orElse(""));
  }

  private static JsonNode tree(String text) {
    try {
      return text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
    } catch (JacksonException e) {
      return JSON.createObjectNode();
    }
  }

  private static int exitCode(int status) {
    return switch (status) {
      case 400, 404 -> Exit.USAGE;
      case 401, 403 -> Exit.NOT_ALLOWED;
      case 502, 503, 504 -> Exit.UNREACHABLE;
      default -> Exit.REFUSED;
    };
  }

  /** What a problem says, for people. */
  static String sentence(int status, JsonNode problem) {
    if (status == 401) {
      return "not signed in: POSTERN_TOKEN is missing, wrong or too old";
    }
    StringBuilder text =
        new StringBuilder(problem.path("detail").asString("the server answers " + status));
    for (JsonNode error : problem.path("errors")) {
      text.append("\n  ")
          .append(error.path("field").asString("?"))
          .append(' ')
          .append(error.path("rule").asString(""))
          .append(", given ")
          .append(error.path("given").asString("nothing"));
    }
    return text.toString();
  }
}
