package io.postern.policy.lookup;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server whose answers a test decides, and which remembers what it was asked. */
final class Outside implements AutoCloseable {

  /** Answers one call. */
  interface Answering {
    Reply to(String uri) throws InterruptedException;
  }

  record Reply(int status, String body, String location) {
    static Reply of(int status, String body) {
      return new Reply(status, body, "");
    }
  }

  final List<String> asked = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Outside(Answering answering) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 2_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, answering));
    server.start();
  }

  private void answer(HttpExchange exchange, Answering answering) throws IOException {
    String uri = exchange.getRequestURI().toString();
    asked.add(uri);
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    try (exchange) {
      Reply reply = answering.to(uri);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      if (!reply.location().isEmpty()) {
        exchange.getResponseHeaders().add("Location", reply.location());
      }
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
