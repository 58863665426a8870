package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A reader of server-sent events. */
final class EventStream implements AutoCloseable {
  record Event(String id, String name, String data) {}

  private final InputStream body;
  private final BufferedReader lines;

  private EventStream(InputStream body) {
    this.body = body;
    this.lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /** Connects, and returns once the stream has begun. */
  static EventStream open(String url, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    headers.forEach(request::header);
    HttpResponse<InputStream> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    EventStream stream = new EventStream(answer.body());
    assertThat(stream.lines.readLine()).startsWith(":");
    return stream;
  }

  /** The next event; waits for it. */
  Event next() throws IOException {
    String id = "";
    String name = "";
    StringBuilder data = new StringBuilder();
    while (true) {
      String line = lines.readLine();
      if (line == null) {
        throw new IOException("the stream has ended");
      }
      if (line.startsWith("id:")) {
        id = line.substring(3);
      } else if (line.startsWith("event:")) {
        name = line.substring(6);
      } else if (line.startsWith("data:")) {
        data.append(line.substring(5));
      } else if (line.isEmpty() && !data.isEmpty()) {
        return new Event(id, name, data.toString());
      }
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
