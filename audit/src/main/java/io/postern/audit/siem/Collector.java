package io.postern.audit.siem;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Takes lines, and has them for good once it returns. */
@FunctionalInterface
public interface Collector {
  /**
   * Hands lines over, all or none of which count as taken.
   *
   * @throws IOException when it does not have them, or does not say so: the same lines are to be
   *     handed over again
   * @throws RefusedException when it will never take them
   */
  void take(List<String> lines) throws IOException, InterruptedException;

  /** A collector that will not have what it was given, however often. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /** Standard output, or whatever stands for it. */
  static Collector to(PrintWriter out) {
    return lines -> {
      lines.forEach(out::println);
      out.flush();
      if (out.checkError()) {
        throw new RefusedException("nobody reads what is printed");
      }
    };
  }

  /**
   * POSTs JSON lines ({@code application/x-ndjson}), one request for a batch. A status of 2xx means
   * that they are there; 408, 429 and 5xx are worth another try; another is a refusal.
   */
  static Collector to(URI url, Map<String, String> headers) {
    HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    return lines -> {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(url)
              .timeout(Duration.ofSeconds(30))
              .header("Content-Type", "application/x-ndjson")
              .POST(HttpRequest.BodyPublishers.ofString(String.join("\n", lines) + "\n"));
      headers.forEach(request::header);
      int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status == 408 || status == 429 || status >= 500) {
        throw new IOException("the collector answers " + status);
      }
      if (status / 100 != 2) {
        throw new RefusedException("the collector answers " + status + " and takes nothing");
      }
    };
  }
}
