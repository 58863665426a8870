package io.postern.quickstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Takes traces as any collector does: OTLP over HTTP, in protobuf. */
final class TraceCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<Received> spans = new CopyOnWriteArrayList<>();

  /** A span as it arrived, ids in hex; the parent is empty for a root. */
  record Received(String service, String traceId, String id, String parent, String name) {}

  TraceCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      var request = ExportTraceServiceRequest.parseFrom(packed ? new GZIPInputStream(body) : body);
      request.getResourceSpansList().forEach(this::keep);
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private void keep(ResourceSpans of) {
    String service =
        of.getResource().getAttributesList().stream()
            .filter(a -> a.getKey().equals("service.name"))
            .map(KeyValue::getValue)
            .map(v -> v.getStringValue())
            .findFirst()
            .orElse("");
    for (ScopeSpans scope : of.getScopeSpansList()) {
      for (Span span : scope.getSpansList()) {
        spans.add(
            new Received(
                service,
                hex(span.getTraceId().toByteArray()),
                hex(span.getSpanId().toByteArray()),
                hex(span.getParentSpanId().toByteArray()),
                span.getName()));
      }
    }
  }

  private static String hex(byte[] id) {
    return HexFormat.of().formatHex(id);
  }

  /** The spans of that name that have arrived of a trace. */
  List<Received> named(String traceId, String name) {
    return of(traceId).filter(s -> s.name().equals(name)).toList();
  }

  /** For each span of that name, the names from it to the oldest that has arrived. */
  List<List<String>> waysBack(String traceId, String name) {
    Map<String, Received> byId =
        of(traceId).collect(Collectors.toMap(Received::id, Function.identity(), (x, y) -> x));
    return named(traceId, name).stream()
        .map(
            last ->
                Stream.iterate(last, Objects::nonNull, s -> byId.get(s.parent()))
                    .map(Received::name)
                    .toList())
        .toList();
  }

  private Stream<Received> of(String traceId) {
    return spans.stream().filter(s -> s.traceId().equals(traceId));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
