package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatorServer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a client asks before it asks for resources: endpoints, tenants, tokens. */
final class Discovery {
  static final String TENANT = "00000000-0000-0000-0000-00000000aaaa";

  private Discovery() {}

  /** The answer, or null when the path is none of these. */
  static @Nullable Response answer(Request request) {
    String path = request.path().toLowerCase(Locale.ROOT);
    String base = base(request);
    if (path.equals("/metadata/endpoints")) {
      return Response.json(200, endpoints(request, base));
    }
    if (path.equals("/tenants")) {
      return Response.json(200, tenants().toString());
    }
    if (path.endsWith("/oauth2/v2.0/token") || path.endsWith("/oauth2/token")) {
      return Response.json(200, token(request, base).toString());
    }
    if (path.endsWith("/.well-known/openid-configuration")) {
      return Response.json(200, openId(path.substring(1).split("/", -1)[0], base).toString());
    }
    if (path.equals("/common/discovery/instance")) {
      String tenant = base + "/" + TENANT + "/v2.0/.well-known/openid-configuration";
      ObjectNode found = Json.object().put("tenant_discovery_endpoint", tenant);
      found.putArray("metadata");
      return Response.json(200, found.toString());
    }
    return null;
  }

  /** How the client called this server, for links in answers. */
  static String base(Request request) {
    String host = request.header("Host");
    String scheme = "https".equals(request.header("x-forwarded-proto")) ? "https" : "http";
    return scheme + "://" + (host == null ? "127.0.0.1" : host);
  }

  private static String endpoints(Request request, String base) {
    ObjectNode cloud = Json.object().put("name", "PosternSimulator");
    cloud.put("resourceManager", base + "/");
    cloud.put("portal", base + "/").put("gallery", base + "/").put("graph", base + "/");
    ObjectNode authentication = cloud.putObject("authentication");
    authentication.put("loginEndpoint", base).put("tenant", "common");
    authentication.put("identityProvider", "AAD");
    authentication.putArray("audiences").add(base + "/").add("https://management.azure.com/");
    cloud.putObject("suffixes");
    String version = request.queryParameter("api-version");
    // From 2019-05-01 on the answer is a list of clouds; before, one cloud.
    return version != null && version.compareTo("2019-05-01") >= 0
        ? Json.array().add(cloud).toString()
        : cloud.toString();
  }

  private static ObjectNode tenants() {
    ObjectNode list = Json.object();
    list.putArray("value")
        .add(
            Json.object()
                .put("id", "/tenants/" + TENANT)
                .put("tenantId", TENANT)
                .put("displayName", "simulated tenant"));
    return list;
  }

  private static ObjectNode token(Request request, String base) {
    Map<String, List<String>> form = SimulatorServer.parseForm(request.text());
    String client = form.getOrDefault("client_id", List.of("anonymous")).get(0);
    String user = form.getOrDefault("username", List.of(client)).get(0);
    long now = Instant.now().getEpochSecond();
    ObjectNode claims =
        Json.object()
            .put("aud", base + "/")
            .put("iss", base + "/" + TENANT + "/")
            .put("tid", TENANT)
            .put("oid", user)
            .put("sub", user)
            .put("appid", client)
            .put("iat", now)
            .put("nbf", now)
            .put("exp", now + 3600);
    String jwt =
        encoded("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + encoded(claims.toString()) + ".c2ln";
    return Json.object()
        .put("token_type", "Bearer")
        .put("expires_in", 3600)
        .put("ext_expires_in", 3600)
        .put("expires_on", Long.toString(now + 3600))
        .put("access_token", jwt);
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode openId(String tenant, String base) {
    String issuer = base + "/" + tenant;
    return Json.object()
        .put("issuer", issuer + "/v2.0")
        .put("authorization_endpoint", issuer + "/oauth2/v2.0/authorize")
        .put("device_authorization_endpoint", issuer + "/oauth2/v2.0/devicecode")
        .put("token_endpoint", issuer + "/oauth2/v2.0/token")
        .put("jwks_uri", issuer + "/discovery/v2.0/keys");
  }
}
