package io.postern.request.defender;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.event.MachineAssessed;
import io.postern.model.Cloud;
import io.postern.model.Ids;
import io.postern.model.Scope;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.kafka.RequestLog;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What Microsoft's clients ask before they ask for policies: where to log in, and which tenants and
 * subscriptions there are.
 */
@RestController
public class ArmDiscoveryController {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern VERSION = Pattern.compile("\\d{4}-\\d{2}-\\d{2}(?:-preview)?|1\\.0");

  /** From this one on, metadata are a list of clouds. */
  private static final String CLOUDS_SINCE = "2019-05-01";

  private final RequestLog log;
  private final JitPolicies policies;
  private final RequestServiceProperties.Defender properties;
  private final String issuer;

  ArmDiscoveryController(
      RequestLog log,
      JitPolicies policies,
      RequestServiceProperties properties,
      Environment environment) {
    this.log = log;
    this.policies = policies;
    this.properties = properties.defender();
    this.issuer =
        Optional.ofNullable(properties.issuer())
            .orElseGet(
                () ->
                    environment.getProperty(
                        "spring.security.oauth2.resourceserver.jwt.issuer-uri", ""));
  }

  /** How the caller reached this server; behind a proxy, what that one passes on counts. */
  private static String base(HttpServletRequest http) {
    return http.getRequestURL().substring(0, http.getRequestURL().indexOf(http.getRequestURI()));
  }

  private ArmLogin login(String base) {
    String named = properties.loginEndpoint();
    if (named == null) {
      return ArmLogin.of(URI.create(issuer));
    }
    return ArmLogin.of(URI.create(named.startsWith("/") ? base + named : named));
  }

  private static void check(@Nullable String version) {
    if (version == null) {
      throw ArmException.of(
          HttpStatus.BAD_REQUEST,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.");
    }
    if (!VERSION.matcher(version).matches()) {
      throw ArmException.of(
          HttpStatus.BAD_REQUEST,
          "InvalidApiVersionParameter",
          "api-version must be a date such as 2022-12-01, not '" + version + "'");
    }
  }

  /** The endpoints of this cloud; asked by everybody who has not logged in yet. */
  @GetMapping(value = "/metadata/endpoints", produces = MediaType.APPLICATION_JSON_VALUE)
  String endpoints(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version) {
    check(version);
    String base = base(http);
    ArmLogin login = login(base);
    ObjectNode cloud = NODES.objectNode();
    ObjectNode authentication = cloud.putObject("authentication");
    authentication.put("loginEndpoint", login.endpoint());
    authentication
        .putArray("audiences")
        .add(Optional.ofNullable(properties.audience()).orElse(base + "/"));
    if (CLOUDS_SINCE.compareTo(String.valueOf(version)) > 0) {
      cloud.put("galleryEndpoint", base + "/");
      cloud.put("graphEndpoint", base + "/");
      cloud.put("portalEndpoint", base + "/");
      return cloud.toString();
    }
    authentication.put("tenant", login.tenant());
    authentication.put("identityProvider", login.identityProvider());
    cloud.put("name", "Postern");
    cloud.put("resourceManager", base + "/");
    cloud.put("portal", base + "/");
    cloud.put("graph", base + "/");
    cloud.putObject("suffixes");
    return NODES.arrayNode().add(cloud).toString();
  }

  /** The one tenant, that of the issuer. */
  @GetMapping(value = "/tenants", produces = MediaType.APPLICATION_JSON_VALUE)
  String tenants(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version) {
    check(version);
    UUID tenant = tenant(login(base(http)));
    ObjectNode answer = NODES.objectNode();
    answer
        .putArray("value")
        .addObject()
        .put("id", "/tenants/" + tenant)
        .put("tenantId", tenant.toString())
        .put("displayName", issuer);
    return answer.toString();
  }

  /** Where the issuer has no tenants of Azure's kind, always the same one made of its name. */
  private UUID tenant(ArmLogin login) {
    try {
      return UUID.fromString(login.tenant());
    } catch (IllegalArgumentException e) {
      return Ids.derived("tenant", issuer);
    }
  }

  /** The subscriptions that machines or policies are of. */
  @GetMapping(value = "/subscriptions", produces = MediaType.APPLICATION_JSON_VALUE)
  String subscriptions(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version) {
    check(version);
    UUID tenant = tenant(login(base(http)));
    SortedSet<String> all = known();
    ObjectNode answer = NODES.objectNode();
    ArrayNode value = answer.putArray("value");
    all.forEach(id -> value.add(subscription(id, tenant)));
    answer.putObject("count").put("type", "Total").put("value", all.size());
    return answer.toString();
  }

  /** One of them. */
  @GetMapping(value = "/subscriptions/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  String subscription(
      HttpServletRequest http,
      @PathVariable String id,
      @RequestParam(name = "api-version", required = false) @Nullable String version) {
    check(version);
    return known().stream()
        .filter(id::equalsIgnoreCase)
        .findFirst()
        .map(known -> subscription(known, tenant(login(base(http)))).toString())
        .orElseThrow(
            () ->
                ArmException.of(
                    HttpStatus.NOT_FOUND,
                    "SubscriptionNotFound",
                    "The subscription '" + id + "' could not be found."));
  }

  private SortedSet<String> known() {
    SortedSet<String> all = new TreeSet<>();
    for (MachineAssessed machine : log.machines().all()) {
      Scope scope = new Scope(machine.getScope());
      if (scope.cloud() == Cloud.AZURE) {
        all.add(scope.account());
      }
    }
    policies.all().keySet().forEach(resource -> all.add(resource.subscription()));
    return all;
  }

  private static ObjectNode subscription(String id, UUID tenant) {
    ObjectNode node = NODES.objectNode();
    node.put("id", "/subscriptions/" + id);
    node.put("subscriptionId", id);
    node.put("tenantId", tenant.toString());
    node.put("displayName", id);
    node.put("state", "Enabled");
    node.put("authorizationSource", "RoleBased");
    node.putObject("subscriptionPolicies").put("spendingLimit", "Off");
    node.putArray("managedByTenants");
    return node;
  }
}
