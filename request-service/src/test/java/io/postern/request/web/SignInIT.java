package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.log.Topics;
import io.postern.platform.SharedPlatform;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** People and programs with an OpenID Connect issuer that is found by its address alone. */
class SignInIT {
  private static final String ISSUER = "people";

  @TempDir static Path home;

  private static MockOAuth2Server issuer;
  private static Door door;

  @BeforeAll
  static void start() throws Exception {
    issuer = new MockOAuth2Server();
    issuer.start();
    String url = issuer.issuerUrl(ISSUER).toString();
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.security.oauth2.resourceserver.jwt.issuer-uri", url);
    String registration = "spring.security.oauth2.client.registration.people.";
    properties.put(registration + "client-id", "postern");
    properties.put(registration + "client-secret", "secret");
    properties.put(registration + "scope", "openid");
    properties.put(registration + "client-name", "the people's issuer");
    properties.put("spring.security.oauth2.client.provider.people.issuer-uri", url);
    door =
        Door.ofAnIssuer(SharedPlatform.get().connection(Topics.REQUEST_SERVICE), properties)
            .awaitReady();
  }

  @AfterAll
  static void stop() {
    door.close();
    issuer.shutdown();
  }

  private static DefaultOAuth2TokenCallback person(String subject, String... groups) {
    return new DefaultOAuth2TokenCallback(
        ISSUER, subject, "JWT", List.of("postern"), Map.of("groups", List.of(groups)), 600);
  }

  private static HttpResponse<String> get(HttpClient browser, String path) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(door.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpClient browser() {
    return HttpClient.newBuilder()
        .cookieHandler(new CookieManager())
        .followRedirects(HttpClient.Redirect.ALWAYS)
        .build();
  }

  @Test
  void aPersonSignsInAtTheIssuerAndComesBackToWhereHeWanted() throws Exception {
    issuer.enqueueCallback(person("alice", "sre", "admins"));
    HttpClient browser = browser();

    HttpResponse<String> asked = get(browser, "/policies");
    assertThat(asked.uri().getPath()).isEqualTo("/sign-in");
    assertThat(asked.body())
        .contains("the people&#39;s issuer")
        .contains("/oauth2/authorization/people")
        .doesNotContain("<textarea");

    HttpResponse<String> in = get(browser, "/oauth2/authorization/people");
    assertThat(in.statusCode()).isEqualTo(200);
    assertThat(in.uri().getPath()).isEqualTo("/policies");
    assertThat(in.body()).contains("alice").contains("admin");
    assertThat(get(browser, "/").body()).contains("alice");

    // A session is for pages; programs come with a token.
    assertThat(get(browser, "/api/v1/whoami").statusCode()).isEqualTo(401);
    assertThat(get(browser(), "/policies").uri().getPath()).isEqualTo("/sign-in");
  }

  @Test
  void aProgramsTokenCountsWhenItIsOfThisIssuer() throws Exception {
    String token = issuer.issueToken(ISSUER, "postern", person("bot", "sre")).serialize();
    JsonNode me =
        Door.body(
            door.call("GET", "/api/v1/whoami", "", Map.of("Authorization", "Bearer " + token)));
    assertThat(me.path("subject").asString("")).isEqualTo("bot");
    assertThat(me.path("issuer").asString("")).isEqualTo(issuer.issuerUrl(ISSUER).toString());

    String other = issuer.issueToken("others", "postern", person("bot", "sre")).serialize();
    assertThat(
            door.call("GET", "/api/v1/whoami", "", Map.of("Authorization", "Bearer " + other))
                .statusCode())
        .isEqualTo(401);
  }
}
