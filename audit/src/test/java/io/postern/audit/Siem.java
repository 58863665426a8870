package io.postern.audit;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/** A collector of lines on HTTP that answers what a test wants it to answer. */
final class Siem implements AutoCloseable {
  private final HttpServer server;
  private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();

  /** One POST, and the status that answered it. */
  record Delivery(List<String> lines, int status, String authorization) {}

  /**
   * @param status of the answer to the n-th delivery, from 0
   */
  Siem(IntUnaryOperator status) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          int code = status.applyAsInt(deliveries.size());
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          deliveries.add(
              new Delivery(
                  new String(body, StandardCharsets.UTF_8).lines().toList(),
                  code,
                  authorization == null ? "" : authorization));
          exchange.sendResponseHeaders(code, -1);
          exchange.close();
        });
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/collect");
  }

  List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  void forget() {
    deliveries.clear();
  }

  /** What was answered with 2xx, in its order. */
  List<String> taken() {
    return deliveries.stream().filter(d -> d.status() / 100 == 2).flatMap(Siem::lines).toList();
  }

  private static Stream<String> lines(Delivery delivery) {
    return delivery.lines().stream();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
