package io.postern.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What the AOT cache is made from: commands as people give them, against a server in this process
 * that answers as Postern does. The cache then holds what a call and its answer need, not only what
 * reading the command line needs.
 */
public final class Training {
  private static final String MACHINES =
      """
      {"items": [{"id": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890", "name": "web-01",
        "assessment": "UNHEALTHY", "severity": "HIGH", "reason": "PORTS_OPEN", "lockdown": {"policies": ["web"]},
        "publicAddresses": ["203.0.113.9"], "privateAddresses": ["10.2.0.10"]}], "nextCursor": null}""";

  private static final String REQUESTS =
      """
      {"items": [{"id": "7317c935-9443-478c-b6b6-d2958277db67", "state": "GRANTED", "requestor": "alice",
        "grants": [{"id": "7317c935-9443-478c-b6b6-d2958277db68", "machine": "web-01", "state": "OPEN",
        "expiresAt": "2026-11-24T14:11:13Z"}]}], "nextCursor": null}""";

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("machines"),
          List.of("machines", "--json"),
          List.of("requests"),
          List.of("grants"),
          List.of("whoami"),
          List.of("request", "web-01", "--port", "22", "--for", "15m", "--no-wait"),
          List.of("request", "--help"));

  private Training() {}

  /** Runs the commands; arguments are policy files, which are planned too. */
  public static void main(String[] files) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", Training::answer);
    server.start();
    Map<String, String> environment =
        Map.of(
            "POSTERN_URL",
            "http://127.0.0.1:" + server.getAddress().getPort(),
            "POSTERN_TOKEN",
            "training");
    try {
      COMMANDS.forEach(command -> run(environment, command));
      List.of(files).forEach(file -> run(environment, List.of("plan", file)));
    } finally {
      server.stop(0);
    }
  }

  private static void run(Map<String, String> environment, List<String> command) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Postern.run(environment, nowhere, nowhere, command.toArray(String[]::new));
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      boolean machines = exchange.getRequestURI().getPath().endsWith("/machines");
      byte[] body = (machines ? MACHINES : REQUESTS).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.sendResponseHeaders(200, body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body);
    }
  }
}
