package io.postern.hosting;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A service's health and figures over HTTP, from its first moment: {@code
 * /actuator/health/liveness} is 200 for as long as the process can answer, whatever it waits for,
 * so that nobody restarts it because the broker is away; {@code /actuator/health/readiness} is 200
 * once it does its work, and 503 with what it waits for before. {@code /actuator/prometheus} is for
 * Prometheus.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Progress progress;
  private final Metering metering;

  private HealthServer(HttpServer http, Progress progress, Metering metering) {
    this.http = http;
    this.progress = progress;
    this.metering = metering;
  }

  /**
   * Starts to answer, and to measure.
   *
   * @param service its name
   * @param port on all addresses; 0 for any free one
   */
  public static HealthServer start(String service, int port, Progress progress) {
    try {
      HealthServer server =
          new HealthServer(
              HttpServer.create(new InetSocketAddress(port), 0), progress, Metering.start(service));
      server.http.setExecutor(server.executor);
      server.http.createContext("/actuator/health/liveness", e -> health(e, 200, "UP", ""));
      server.http.createContext("/actuator/health/readiness", server::readiness);
      server.http.createContext("/actuator/prometheus", server::figures);
      server.http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("postern.health.port: cannot listen on " + port, e);
    }
  }

  /** What is told to Prometheus. */
  public MeterRegistry meters() {
    return metering.registry();
  }

  /** Where it answers. */
  public int port() {
    return http.getAddress().getPort();
  }

  private void readiness(HttpExchange exchange) throws IOException {
    if (progress.isReady()) {
      health(exchange, 200, "UP", "");
    } else {
      health(exchange, 503, "OUT_OF_SERVICE", progress.waitingFor());
    }
  }

  private void figures(HttpExchange exchange) throws IOException {
    answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metering.scrape());
  }

  private static void health(HttpExchange exchange, int status, String word, String waitingFor)
      throws IOException {
    answer(
        exchange,
        status,
        "application/json",
        waitingFor.isEmpty()
            ? "{\"status\":\"" + word + "\"}"
            : "{\"status\":\"%s\",\"waitingFor\":\"%s\"}".formatted(word, quoted(waitingFor)));
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
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
    metering.close();
  }
}
