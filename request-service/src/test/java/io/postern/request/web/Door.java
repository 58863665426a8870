package io.postern.request.web;

import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.postern.log.LogConnection;
import io.postern.request.config.RequestServiceConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** request-service on a free port, and the issuer that it trusts. */
final class Door implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final ECKey ISSUER = issuer();

  private final ConfigurableApplicationContext context;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  private Door(LogConnection log, Map<String, Object> more) {
    context =
        new SpringApplicationBuilder(RequestServiceConfiguration.class)
            .properties(more)
            .properties(
                Map.of(
                    "spring.config.name",
                    "request-service",
                    "server.address",
                    "127.0.0.1",
                    "server.port",
                    "0",
                    "postern.log.bootstrap-servers",
                    log.bootstrapServers(),
                    "postern.log.registry-url",
                    log.registryUrl(),
                    "postern.log.signing-key",
                    log.signingKey().toString(),
                    "postern.log.trust",
                    log.trust().toString(),
                    "postern.log.partitions",
                    "" + log.partitions()))
            .run();
    url = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  /**
   * Starts with an issuer of the tests' own; ready once {@link #awaitReady} returns.
   *
   * @param home for the issuer's keys
   * @param more properties
   */
  static Door start(LogConnection log, Path home, Map<String, Object> more) throws IOException {
    Path keys = home.resolve("keys.json");
    Files.writeString(keys, new JWKSet(ISSUER.toPublicJWK()).toString());
    Map<String, Object> all = new HashMap<>(more);
    all.put("postern.issuer-keys", keys.toString());
    all.put("postern.issuer", "http://issuer");
    return new Door(log, all);
  }

  /** Starts with the issuer that the properties name. */
  static Door ofAnIssuer(LogConnection log, Map<String, Object> properties) {
    return new Door(log, properties);
  }

  private static ECKey issuer() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  Door awaitReady() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> call("GET", "/actuator/health/readiness", "", Map.of()).statusCode() == 200);
    return this;
  }

  String url() {
    return url;
  }

  /** The headers of a program that calls in somebody's name. */
  static Map<String, String> as(String subject, String... groups) {
    return Map.of("Authorization", "Bearer " + token(subject, groups));
  }

  static String token(String subject, String... groups) {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer("http://issuer")
            .subject(subject)
            .claim("groups", List.of(groups))
            .issueTime(new Date())
            .expirationTime(Date.from(Instant.now().plusSeconds(600)))
            .build();
    try {
      SignedJWT jwt =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(), claims);
      jwt.sign(new ECDSASigner(ISSUER));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> call(String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static JsonNode body(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  @Override
  public void close() {
    context.close();
  }
}
