package io.postern.quickstart;

import io.postern.platform.Issuer;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The login of the quickstart's own issuer, in the two shapes that Microsoft's clients know: Active
 * Directory Federation Services, and Entra ID with one tenant. It hands out nothing new: the secret
 * of a client is a token of {@code ./postern token}, whose subject is the client's id, and that
 * token is what the client is given.
 */
@RestController
final class LoginController {
  static final String ADFS = "/adfs";
  static final String ENTRA = "/00000000-0000-0000-0000-00000000aaaa";
  static final String INSTANCE_DISCOVERY = "/common/discovery/instance";

  private static final String CONFIGURATION = "/.well-known/openid-configuration";
  private static final String KEYS = "/discovery/keys";
  private static final String V2 = "/v2.0";
  private static final String GRANT = "client_credentials";

  private final Issuer issuer;

  LoginController(Issuer issuer) {
    this.issuer = issuer;
  }

  private static String base(HttpServletRequest http) {
    return http.getRequestURL().substring(0, http.getRequestURL().indexOf(http.getRequestURI()));
  }

  /** How one logs in here. */
  @GetMapping({ADFS + CONFIGURATION, ENTRA + CONFIGURATION, ENTRA + V2 + CONFIGURATION})
  Map<String, Object> configuration(HttpServletRequest http) {
    String path = http.getRequestURI();
    boolean isV2 = path.startsWith(ENTRA + V2);
    String here = base(http) + (path.startsWith(ADFS) ? ADFS : ENTRA);
    String oauth = here + "/oauth2" + (isV2 ? V2 : "");
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("issuer", Issuer.NAME);
    answer.put("authorization_endpoint", oauth + "/authorize");
    answer.put("token_endpoint", oauth + "/token");
    answer.put("jwks_uri", here + KEYS);
    answer.put("grant_types_supported", List.of(GRANT));
    answer.put("response_types_supported", List.of("token"));
    answer.put("subject_types_supported", List.of("public"));
    answer.put("token_endpoint_auth_methods_supported", List.of("client_secret_post"));
    answer.put("id_token_signing_alg_values_supported", List.of("ES256"));
    return answer;
  }

  /** Says that this host is one to log in at. */
  @GetMapping(INSTANCE_DISCOVERY)
  Map<String, Object> instance(HttpServletRequest http) {
    return Map.of(
        "tenant_discovery_endpoint",
        base(http) + ENTRA + V2 + CONFIGURATION,
        "api-version",
        "1.1",
        "metadata",
        List.of());
  }

  /** The keys with which tokens are checked. */
  @GetMapping(
      value = {ADFS + KEYS, ENTRA + KEYS},
      produces = MediaType.APPLICATION_JSON_VALUE)
  String keys() throws IOException {
    return Files.readString(issuer.publicKeys());
  }

  /**
   * A token for a client and its secret; 400 for another grant than that of client credentials, 401
   * for a secret that is no good token of the client's own.
   */
  @PostMapping(
      value = {ADFS + "/oauth2/token", ENTRA + "/oauth2/token", ENTRA + "/oauth2" + V2 + "/token"},
      consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
  ResponseEntity<Map<String, Object>> token(
      @RequestParam(name = "grant_type", required = false) @Nullable String grant,
      @RequestParam(name = "client_id", required = false) @Nullable String client,
      @RequestParam(name = "client_secret", required = false) @Nullable String secret) {
    if (!GRANT.equals(grant)) {
      return refused(
          HttpStatus.BAD_REQUEST, "unsupported_grant_type", "grant_type must be " + GRANT);
    }
    if (client == null || secret == null) {
      return refused(
          HttpStatus.BAD_REQUEST, "invalid_request", "client_id and client_secret are needed");
    }
    Instant now = Instant.now();
    Optional<Duration> validity = issuer.validity(secret, client, now);
    if (validity.isEmpty()) {
      return refused(
          HttpStatus.UNAUTHORIZED,
          "invalid_client",
          "client_secret must be what ./postern token prints for the subject that client_id is");
    }
    long seconds = validity.get().toSeconds();
    return answer(HttpStatus.OK)
        .body(
            Map.of(
                "token_type", "Bearer",
                "expires_in", seconds,
                "ext_expires_in", seconds,
                "expires_on", Long.toString(now.getEpochSecond() + seconds),
                "access_token", secret));
  }

  private static ResponseEntity<Map<String, Object>> refused(
      HttpStatus status, String error, String description) {
    return answer(status).body(Map.of("error", error, "error_description", description));
  }

  private static ResponseEntity.BodyBuilder answer(HttpStatus status) {
    return ResponseEntity.status(status).cacheControl(CacheControl.noStore());
  }
}
