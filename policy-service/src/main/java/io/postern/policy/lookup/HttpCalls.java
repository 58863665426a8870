package io.postern.policy.lookup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** GET of JSON, in bounded time and size; redirects are not followed. */
final class HttpCalls {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LARGEST = 4L << 20;

  private final HttpClient client;
  private final Duration timeout;

  /**
   * @param timeout longest time of one call
   */
  HttpCalls(Duration timeout) {
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  /** An answer; the body is missing when it is no JSON. */
  record Answer(int status, JsonNode body) {
    boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  /**
   * Calls.
   *
   * @throws IOException when there is no whole answer in time, or it is too large
   */
  Answer get(URI uri, Map<String, String> headers) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout).GET();
    headers.forEach(request::header);
    HttpResponse<byte[]> response =
        client.send(
            request.build(),
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), LARGEST));
    return new Answer(response.statusCode(), parse(response.body()));
  }

  private static JsonNode parse(byte[] body) throws IOException {
    try {
      JsonNode node = JSON.readTree(new String(body, StandardCharsets.UTF_8));
      return node == null ? JSON.missingNode() : node;
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }
}
