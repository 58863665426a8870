package io.postern.simulator.arm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import tools.jackson.databind.JsonNode;

/** A plain HTTP client for the tests: ARM without an SDK. */
final class Http {
  static final String SHOP =
      "/subscriptions/" + ArmScene.SUBSCRIPTION + "/resourceGroups/shop/providers/";
  static final String NSG = SHOP + "Microsoft.Network/networkSecurityGroups/";
  static final String VM = SHOP + "Microsoft.Compute/virtualMachines/";

  private final HttpClient client = HttpClient.newHttpClient();
  private final String base;

  Http(ArmSimulator simulator) {
    this.base = simulator.url();
  }

  /** One answer: status, headers, body as JSON. */
  record Answer(int status, HttpResponse<String> raw) {
    JsonNode json() {
      return Json.MAPPER.readTree(raw.body());
    }

    String code() {
      return json().path("error").path("code").asString("");
    }

    String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }
  }

  Answer send(String method, String path, String body, String... headers) {
    String url = path.startsWith("http") ? path : base + path;
    String version = url.contains("?") ? "" : "?api-version=2025-03-01";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + version))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> raw = client.send(request.build(), BodyHandlers.ofString());
      return new Answer(raw.statusCode(), raw);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Answer get(String path) {
    return send("GET", path, "");
  }

  Answer put(String path, String body, String... headers) {
    return send("PUT", path, body, headers);
  }

  Answer delete(String path, String... headers) {
    return send("DELETE", path, "", headers);
  }

  Answer simulator(String call, String body) {
    return send("POST", "/_simulator/" + call, body);
  }

  /** Asks the packet model. */
  JsonNode reachable(String source, String machine, int port) {
    return simulator("reachable", question(source, machine, port)).json();
  }

  String connect(String source, String machine, int port) {
    Answer answer = simulator("connections", question(source, machine, port));
    return answer.json().path("id").asString("refused " + answer.raw().body());
  }

  boolean isAlive(String connection) {
    return get("/_simulator/connections/" + connection).json().path("alive").asBoolean();
  }

  private static String question(String source, String machine, int port) {
    return """
        {"source":"%s","machine":"%s","port":%d,"protocol":"TCP"}"""
        .formatted(source, VM + machine, port);
  }

  /** The body of an inbound TCP rule. */
  static String rule(String access, int priority, String source, String port) {
    return """
        {"properties":{"protocol":"Tcp","access":"%s","direction":"Inbound","priority":%d,
        "sourceAddressPrefix":"%s","sourcePortRange":"*","destinationAddressPrefix":"*",
        "destinationPortRange":"%s"}}"""
        .formatted(access, priority, source, port);
  }
}
