package io.postern.azure.cloud;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import io.postern.enforcement.cloud.CloudException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Raw requests to ARM, for documents of which nothing may be lost: Microsoft's typed models drop
 * properties that they do not know.
 */
final class Arm {
  private static final String NETWORK_VERSION = "2025-03-01";

  private static final Context URGENT =
      new Context(ThrottleGate.URGENCY, ThrottleGate.Urgency.CLOSES);

  private final HttpPipeline pipeline;
  private final URI endpoint;

  Arm(HttpPipeline pipeline, URI endpoint) {
    this.pipeline = pipeline;
    this.endpoint = endpoint;
  }

  HttpPipeline pipeline() {
    return pipeline;
  }

  URI endpoint() {
    return endpoint;
  }

  ArmAnswer get(String id) {
    return get(id, NETWORK_VERSION);
  }

  /** For what must not wait behind other reads. */
  ArmAnswer getUrgently(String id) {
    return send(request(HttpMethod.GET, url(id)), URGENT);
  }

  ArmAnswer get(String id, String version) {
    return send(request(HttpMethod.GET, url(id, version)));
  }

  /** All members of a collection, over its pages. */
  List<JsonNode> list(String id, ArmErrors errors) throws CloudException {
    return list(id, NETWORK_VERSION, errors);
  }

  /**
   * Likewise.
   *
   * @param version of the API; further parameters of the query may follow
   */
  List<JsonNode> list(String id, String version, ArmErrors errors) throws CloudException {
    List<JsonNode> members = new ArrayList<>();
    Optional<ArmAnswer> page = Optional.of(get(id, version));
    while (page.isPresent()) {
      ArmAnswer answer = page.get();
      if (!answer.isSuccess()) {
        throw errors.ofRead(answer);
      }
      answer.body().path("value").forEach(members::add);
      String next = answer.body().path("nextLink").asString("");
      page = next.isEmpty() ? Optional.empty() : follow(next);
    }
    return members;
  }

  /** A link that ARM gave us; empty when it leads to another host, to which no token goes. */
  Optional<ArmAnswer> follow(String url) {
    return follow(url, Context.NONE);
  }

  /** Likewise, of an operation of ours that runs. */
  Optional<ArmAnswer> followUrgently(String url) {
    return follow(url, URGENT);
  }

  private Optional<ArmAnswer> follow(String url, Context context) {
    URI target = URI.create(url);
    return endpoint.getHost().equalsIgnoreCase(target.getHost())
        ? Optional.of(send(request(HttpMethod.GET, url), context))
        : Optional.empty();
  }

  ArmAnswer put(String id, JsonNode body, String etag, ThrottleGate.Urgency urgency) {
    HttpRequest request = request(HttpMethod.PUT, url(id)).setBody(body.toString());
    request.setHeader(HttpHeaderName.CONTENT_TYPE, "application/json");
    request.setHeader(HttpHeaderName.IF_MATCH, etag);
    return send(request, new Context(ThrottleGate.URGENCY, urgency));
  }

  ArmAnswer delete(String id, String etag, ThrottleGate.Urgency urgency) {
    HttpRequest request = request(HttpMethod.DELETE, url(id));
    request.setHeader(HttpHeaderName.IF_MATCH, etag);
    return send(request, new Context(ThrottleGate.URGENCY, urgency));
  }

  private String url(String id) {
    return url(id, NETWORK_VERSION);
  }

  private String url(String id, String version) {
    String base = endpoint.toString();
    return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
        + id
        + "?api-version="
        + version;
  }

  private static HttpRequest request(HttpMethod method, String url) {
    return new HttpRequest(method, url).setHeader(HttpHeaderName.ACCEPT, "application/json");
  }

  private ArmAnswer send(HttpRequest request) {
    return send(request, Context.NONE);
  }

  private ArmAnswer send(HttpRequest request, Context context) {
    try (HttpResponse response = pipeline.sendSync(request, context)) {
      return ArmAnswer.of(response);
    }
  }
}
