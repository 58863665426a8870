package io.postern.hosting;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A service's health over HTTP, from its first moment: {@code /actuator/health/liveness} is 200 for
 * as long as the process can answer, whatever it waits for, so that nobody restarts it because the
 * broker is away; {@code /actuator/health/readiness} is 200 once it does its work, and 503 with
 * what it waits for before.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Progress progress;

  private HealthServer(HttpServer http, Progress progress) {
    this.http = http;
    this.progress = progress;
  }

  /**
   * Starts to answer.
   *
   * @param port on all addresses; 0 for any free one
   */
  public static HealthServer start(int port, Progress progress) {
    try {
      HealthServer server =
          new HealthServer(HttpServer.create(new InetSocketAddress(port), 0), progress);
      server.http.setExecutor(server.executor);
      server.http.createContext("/actuator/health/liveness", e -> answer(e, 200, "UP", ""));
      server.http.createContext("/actuator/health/readiness", server::readiness);
      server.http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("postern.health.port: cannot listen on " + port, e);
    }
  }

  /** Where it answers. */
  public int port() {
    return http.getAddress().getPort();
  }

  private void readiness(HttpExchange exchange) throws IOException {
    if (progress.isReady()) {
      answer(exchange, 200, "UP", "");
    } else {
      answer(exchange, 503, "OUT_OF_SERVICE", progress.waitingFor());
    }
  }

  private static void answer(HttpExchange exchange, int status, String word, String waitingFor)
      throws IOException {
    try (exchange) {
      String body =
          waitingFor.isEmpty()
              ? "{\"status\":\"" + word + "\"}"
              : "{\"status\":\"%s\",\"waitingFor\":\"%s\"}".formatted(word, quoted(waitingFor));
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(status, bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  private static String quoted(String text) {
    return text.replaceAll("\\p{Cntrl}", " ").replace("\\", "\\\\").replace("\"", "\\\"");
  }

  @Override
  public void close() {
    http.stop(0);
    executor.close();
  }
}
