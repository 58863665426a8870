package io.postern.simulator.kernel;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A simulated cloud behind HTTP on 127.0.0.1. Beside the cloud's API it serves {@code
 * /_simulator/journal} (GET, DELETE), {@code /_simulator/faults} (POST one {@link Fault} as JSON,
 * DELETE all), {@code /_simulator/clock} (POST {@code advance} as an ISO-8601 duration, or {@code
 * mode} {@code freeze} or {@code run}; GET) and passes everything else below {@code /_simulator/}
 * to the cloud.
 */
public final class SimulatorServer implements AutoCloseable {
  static {
    // Without it an answer of two packets waits for the client's delayed acknowledgement, 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "2000");
  }

  /** Members of a fault may be left out: Jackson refuses absent numbers unless it is told. */
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  /**
   * System property: the address to listen on, where it is not 127.0.0.1. Nobody is asked who he
   * is, so any other is for a container, which publishes the port as narrowly.
   */
  public static final String ADDRESS = "postern.simulator.address";

  private final SimulatedCloud cloud;
  private final SimulatorClock clock;
  private final Faults faults = new Faults();
  private final Journal journal = new Journal();
  private final HttpServer http;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private SimulatorServer(
      SimulatedCloud cloud, SimulatorClock clock, int port, @Nullable SSLContext tls)
      throws IOException {
    this.cloud = cloud;
    this.clock = clock;
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.ofLiteral(System.getProperty(ADDRESS, "127.0.0.1")), port);
    if (tls == null) {
      this.http = HttpServer.create(address, 0);
    } else {
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      this.http = https;
    }
    http.setExecutor(executor);
    http.createContext("/", this::serve);
  }

  /**
   * Starts to serve.
   *
   * @param port the port on 127.0.0.1; 0 for any free one
   * @throws IOException when the port cannot be had
   */
  public static SimulatorServer start(SimulatedCloud cloud, SimulatorClock clock, int port)
      throws IOException {
    return start(cloud, clock, port, null);
  }

  /** The same, over TLS when there is a context for it. */
  public static SimulatorServer start(
      SimulatedCloud cloud, SimulatorClock clock, int port, @Nullable SSLContext tls)
      throws IOException {
    SimulatorServer server = new SimulatorServer(cloud, clock, port, tls);
    server.http.start();
    return server;
  }

  public int port() {
    return http.getAddress().getPort();
  }

  public String url() {
    return (http instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port();
  }

  public Faults faults() {
    return faults;
  }

  public Journal journal() {
    return journal;
  }

  public SimulatorClock clock() {
    return clock;
  }

  @Override
  public void close() {
    http.stop(0);
    executor.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request = read(exchange);
      if (request.path().startsWith("/_simulator/")) {
        write(exchange, simulatorCall(request));
        return;
      }
      String action = cloud.actionOf(request);
      Fault fault = faults.strike(action);
      Response response = answer(request, fault);
      journal.add(
          new Journal.Entry(
              clock.now(), action, request, response == null ? Response.empty(0) : response));
      if (response != null) {
        write(exchange, response);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Response answer(Request request, @Nullable Fault fault)
      throws InterruptedException {
    if (fault == null) {
      return guarded(request);
    }
    return switch (fault.kind()) {
      case SLOW -> {
        Thread.sleep(Duration.ofMillis(fault.millis()));
        yield guarded(request);
      }
      case RESET -> null;
      case LOST_ANSWER -> {
        guarded(request);
        yield null;
      }
      case ERROR_BEFORE -> errorOf(fault);
      case ERROR_AFTER -> {
        guarded(request);
        yield errorOf(fault);
      }
    };
  }

  private Response guarded(Request request) {
    try {
      return cloud.handle(request);
    } catch (RuntimeException e) {
      return cloud.error(500, "InternalServerError", "the simulator failed: " + e);
    }
  }

  private Response errorOf(Fault fault) {
    String code = fault.code() == null ? "InternalServerError" : fault.code();
    Response error = cloud.error(fault.status(), code, "injected by the simulator");
    return fault.retryAfterSeconds() > 0
        ? error.with("Retry-After", Integer.toString(fault.retryAfterSeconds()))
        : error;
  }

  private Response simulatorCall(Request request) {
    try {
      return switch (request.path().substring("/_simulator/".length())) {
        case "journal" -> journalCall(request);
        case "faults" -> faultsCall(request);
        case "clock" -> clockCall(request);
        default -> cloud.handleSimulator(request);
      };
    } catch (RuntimeException e) {
      return Response.json(400, JSON.writeValueAsString(Map.of("error", String.valueOf(e))));
    }
  }

  private Response journalCall(Request request) {
    if (request.method().equals("DELETE")) {
      journal.clear();
      return Response.empty(204);
    }
    return Response.text(200, "application/x-ndjson; charset=utf-8", journal.asJsonLines());
  }

  private Response faultsCall(Request request) {
    if (request.method().equals("DELETE")) {
      faults.clear();
    } else {
      faults.arm(JSON.readValue(request.body(), Fault.class));
    }
    return Response.empty(204);
  }

  private Response clockCall(Request request) {
    if (request.method().equals("POST")) {
      JsonNode body = JSON.readTree(request.body());
      switch (body.path("mode").asString("")) {
        case "freeze" -> clock.freeze();
        case "run" -> clock.run();
        default -> {}
      }
      if (body.hasNonNull("advance")) {
        clock.advance(Duration.parse(body.get("advance").asString()));
      }
    }
    return Response.json(200, JSON.writeValueAsString(Map.of("now", clock.now().toString())));
  }

  private static Request read(HttpExchange exchange) throws IOException {
    String rawQuery = exchange.getRequestURI().getRawQuery();
    Map<String, List<String>> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
    if (exchange instanceof HttpsExchange) {
      headers.put("x-forwarded-proto", List.of("https"));
    }
    return new Request(
        exchange.getRequestMethod(),
        path(exchange.getRequestURI()),
        rawQuery == null ? "" : rawQuery,
        parseForm(rawQuery == null ? "" : rawQuery),
        headers,
        exchange.getRequestBody().readAllBytes());
  }

  /** A target that begins with two slashes, as SDKs send, is a path and names no host. */
  private static String path(URI target) {
    boolean noHost = target.getScheme() == null && target.getAuthority() != null;
    return noHost ? "//" + target.getAuthority() + target.getPath() : target.getPath();
  }

  /** Decodes {@code a=b&c=d} as in a query or a form body; the order is kept. */
  public static Map<String, List<String>> parseForm(String form) {
    Map<String, List<String>> parsed = new LinkedHashMap<>();
    for (String pair : form.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int eq = pair.indexOf('=');
      String name =
          URLDecoder.decode(eq < 0 ? pair : pair.substring(0, eq), StandardCharsets.UTF_8);
      String value =
          eq < 0 ? "" : URLDecoder.decode(pair.substring(eq + 1), StandardCharsets.UTF_8);
      parsed.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }
    return parsed;
  }

  private static void write(HttpExchange exchange, Response response) throws IOException {
    response.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    if (response.body().length == 0) {
      exchange.sendResponseHeaders(response.status(), -1);
    } else {
      exchange.sendResponseHeaders(response.status(), response.body().length);
      exchange.getResponseBody().write(response.body());
    }
  }
}
