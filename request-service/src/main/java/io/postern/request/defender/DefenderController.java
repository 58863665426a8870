package io.postern.request.defender;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.model.Requestor;
import io.postern.request.web.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code Microsoft.Security/jitNetworkAccessPolicies} as Microsoft's swagger says, over Postern's
 * policies and requests.
 */
@RestController
public class DefenderController {
  private static final String BELOW = "/subscriptions/**";
  private static final Set<String> VERSIONS = Set.of("2020-01-01", "2015-06-01-preview");
  private static final int PAGE = 50;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JitPolicies policies;
  private final JitRequests requests;
  private final Caller caller;

  DefenderController(JitPolicies policies, JitRequests requests, Caller caller) {
    this.policies = policies;
    this.requests = requests;
    this.caller = caller;
  }

  /** One policy, or a page of those of a subscription, resource group, location. */
  @GetMapping(value = BELOW, produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> get(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version,
      @RequestParam(name = "$skipToken", required = false) @Nullable String skip,
      @AuthenticationPrincipal Jwt token) {
    ArmPath path = path(http, version);
    Requestor person = caller.of(token);
    if (path.action().isPresent()) {
      throw ArmException.of(
          HttpStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", "initiate is asked for by POST");
    }
    if (path.name().isEmpty()) {
      return ResponseEntity.ok(page(path, person, skip, http).toString());
    }
    JitResource resource = path.resource();
    JitPolicies.Standing standing = policies.standing(resource);
    if (standing.policies().isEmpty()) {
      throw notFound(resource);
    }
    return ResponseEntity.ok()
        .eTag(standing.etag())
        .body(document(resource, standing, person, true).toString());
  }

  private ObjectNode document(
      JitResource resource, JitPolicies.Standing standing, Requestor reader, boolean settled) {
    return JitDocuments.policy(
        resource,
        standing.models(),
        requests.under(standing, reader),
        settled,
        policies::publicAddress,
        requests.now());
  }

  private ObjectNode page(
      ArmPath path, Requestor person, @Nullable String skip, HttpServletRequest http) {
    List<Map.Entry<JitResource, JitPolicies.Standing>> all =
        policies.all().entrySet().stream()
            .filter(e -> path.holds(e.getKey()))
            .filter(e -> skip == null || e.getKey().id().compareTo(skip) > 0)
            .toList();
    ObjectNode page = JSON.createObjectNode();
    ArrayNode value = page.putArray("value");
    all.stream()
        .limit(PAGE)
        .forEach(e -> value.add(document(e.getKey(), e.getValue(), person, true)));
    if (all.size() > PAGE) {
      page.put(
          "nextLink",
          "%s?api-version=%s&$skipToken=%s"
              .formatted(
                  http.getRequestURL(),
                  http.getParameter("api-version"),
                  URLEncoder.encode(all.get(PAGE - 1).getKey().id(), StandardCharsets.UTF_8)));
    }
    return page;
  }

  /** 200 with the policy, whose provisioningState tells whether it is in force already. */
  @PutMapping(value = BELOW, produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> put(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody String body,
      @AuthenticationPrincipal Jwt token) {
    JitResource resource = named(path(http, version));
    Requestor person = caller.of(token);
    caller.requireAdmin(person);
    JsonNode document = json(body);
    boolean settled = policies.put(resource, document, Optional.ofNullable(ifMatch), person);
    JitPolicies.Standing standing = policies.standing(resource);
    return ResponseEntity.ok()
        .eTag(standing.etag())
        .body(document(resource, standing, person, settled).toString());
  }

  /** 200 when it was there, 204 when it was not. */
  @DeleteMapping(BELOW)
  ResponseEntity<Void> delete(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @AuthenticationPrincipal Jwt token) {
    JitResource resource = named(path(http, version));
    Requestor person = caller.of(token);
    caller.requireAdmin(person);
    boolean was = policies.delete(resource, Optional.ofNullable(ifMatch), person);
    return ResponseEntity.status(was ? HttpStatus.OK : HttpStatus.NO_CONTENT).build();
  }

  /**
   * 202 with what was asked for: on the log. A decision that comes within a moment and refuses all
   * of it is told at once, as 403.
   */
  @PostMapping(value = BELOW, produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<String> initiate(
      HttpServletRequest http,
      @RequestParam(name = "api-version", required = false) @Nullable String version,
      @RequestBody String body,
      @AuthenticationPrincipal Jwt token) {
    ArmPath path = path(http, version);
    if (path.action().filter("initiate"::equals).isEmpty()) {
      throw ArmException.of(
          HttpStatus.NOT_FOUND,
          "InvalidResourceType",
          "there is no such action: " + http.getRequestURI());
    }
    JitPolicies.Standing standing = policies.standing(path.resource());
    if (standing.policies().isEmpty()) {
      throw notFound(path.resource());
    }
    return ResponseEntity.accepted()
        .body(
            requests
                .initiate(json(body), standing, caller.of(token), caller.address(http))
                .toString());
  }

  private static ArmPath path(HttpServletRequest http, @Nullable String version) {
    ArmPath path =
        ArmPath.parse(http.getRequestURI())
            .orElseThrow(
                () ->
                    ArmException.of(
                        HttpStatus.NOT_FOUND,
                        "InvalidResourceType",
                        "nothing is served at "
                            + http.getRequestURI()
                            + " but Microsoft.Security/jitNetworkAccessPolicies"));
    if (version == null) {
      throw ArmException.of(
          HttpStatus.BAD_REQUEST, "MissingApiVersionParameter", "the query must state api-version");
    }
    if (!VERSIONS.contains(version)) {
      throw ArmException.of(
          HttpStatus.BAD_REQUEST,
          "InvalidApiVersionParameter",
          "api-version must be one of %s, not '%s'"
              .formatted(VERSIONS.stream().sorted().toList(), version));
    }
    return path;
  }

  private static JitResource named(ArmPath path) {
    if (path.name().isEmpty() || path.action().isPresent()) {
      throw ArmException.of(
          HttpStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", "the path must name one policy");
    }
    return path.resource();
  }

  private static JsonNode json(String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw ArmException.of(
          HttpStatus.BAD_REQUEST,
          "InvalidRequestContent",
          "the body must be JSON: " + e.getOriginalMessage());
    }
    throw ArmException.of(
        HttpStatus.BAD_REQUEST, "InvalidRequestContent", "the body must be a JSON object");
  }

  private static ArmException notFound(JitResource resource) {
    return ArmException.of(
        HttpStatus.NOT_FOUND, "ResourceNotFound", "there is no policy " + resource.id());
  }
}
