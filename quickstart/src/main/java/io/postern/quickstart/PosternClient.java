package io.postern.quickstart;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Postern's REST API, as one person. */
final class PosternClient {
  private final Api web;
  private final String token;

  PosternClient(String web, String token) {
    this.web = new Api(web);
    this.token = token;
  }

  /** What it shows for this person. */
  String token() {
    return token;
  }

  Api.Answer call(String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(headers);
    all.put("Authorization", "Bearer " + token);
    return web.call(method, path, body, all);
  }

  Api.Answer get(String path) throws IOException, InterruptedException {
    return call("GET", path, "", Map.of());
  }

  /** What Postern says of a machine; a missing node when it does not know it. */
  JsonNode machine(String id) throws IOException, InterruptedException {
    return get("/api/v1/machines?id=" + URLEncoder.encode(id, StandardCharsets.UTF_8))
        .body()
        .path("items")
        .path(0);
  }

  /** The grant of a request on a machine; a missing node while there is none. */
  JsonNode grant(String request, String machine) throws IOException, InterruptedException {
    for (JsonNode grant : get(request).body().path("grants")) {
      if (grant.path("machine").asString("").equalsIgnoreCase(machine)) {
        return grant;
      }
    }
    return tools.jackson.databind.node.MissingNode.getInstance();
  }
}
