package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.log.Topics;
import io.postern.platform.SharedPlatform;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AddressLinkIT {
  private static final String LINKS = "/api/v1/address-links";
  private static final Pattern FORGERY_TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

  @TempDir static Path home;

  private static Door door;

  @BeforeAll
  static void start() throws Exception {
    // Everybody here is a proxy that is believed, so that a caller may come from anywhere.
    door =
        Door.start(
                SharedPlatform.get().connection(Topics.REQUEST_SERVICE),
                home,
                Map.of("postern.proxies", "127.0.0.1/32"))
            .awaitReady();
  }

  @AfterAll
  static void stop() {
    door.close();
  }

  private static JsonNode link() throws Exception {
    HttpResponse<String> made = door.call("POST", LINKS, "", Door.as("alice"));
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.headers().firstValue("Location"))
        .contains(LINKS + "/" + Door.body(made).path("id").asString(""));
    return Door.body(made);
  }

  private static JsonNode state(JsonNode link) throws Exception {
    return Door.body(
        door.call("GET", LINKS + "/" + link.path("id").asString(""), "", Door.as("alice")));
  }

  /** Somebody's browser at an address, without any sign-in. */
  private static final class Elsewhere {
    private final HttpClient http =
        HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private final String address;

    Elsewhere(String address) {
      this.address = address;
    }

    HttpResponse<String> get(String path) throws Exception {
      return send(request(path).GET());
    }

    /** Presses the one button of a page. */
    HttpResponse<String> press(String path) throws Exception {
      Matcher token = FORGERY_TOKEN.matcher(get(path).body());
      assertThat(token.find()).isTrue();
      String form = "_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8);
      return post(path, form);
    }

    HttpResponse<String> post(String path, String form) throws Exception {
      return send(
          request(path)
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(door.url() + path))
          .header("X-Forwarded-For", address);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void theAddressIsTheOneTheLinkWasOpenedFromAndItIsOpenedOnce() throws Exception {
    JsonNode link = link();
    String open = link.path("open").asString("");
    Elsewhere phone = new Elsewhere("2001:db8::17");

    // A chat that looks into the link proves nothing.
    assertThat(new Elsewhere("192.0.2.99").get(open).body()).contains("192.0.2.99");
    assertThat(state(link).path("state").asString("")).isEqualTo("WAITING");

    HttpResponse<String> done = phone.press(open);
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body()).contains("alice").contains("2001:db8::17");
    assertThat(state(link).path("state").asString("")).isEqualTo("PROVEN");
    assertThat(state(link).path("address").asString("")).isEqualTo("2001:db8::17");

    // Who opened a page before it was used presses its button too late.
    Elsewhere late = new Elsewhere("198.51.100.5");
    String other = link().path("open").asString("");
    Matcher token = FORGERY_TOKEN.matcher(late.get(other).body());
    assertThat(token.find()).isTrue();
    HttpResponse<String> refused =
        late.post(open, "_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8));
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(state(link).path("address").asString("")).isEqualTo("2001:db8::17");
    assertThat(phone.get(open).body()).contains("opened before").doesNotContain("<button");
  }

  @Test
  void anotherSitesFormProvesNothing() throws Exception {
    JsonNode link = link();
    HttpResponse<String> forged =
        new Elsewhere("203.0.113.5").post(link.path("open").asString(""), "");
    assertThat(forged.statusCode()).isEqualTo(403);
    assertThat(state(link).path("state").asString("")).isEqualTo("WAITING");
  }

  @Test
  void aLinkIsItsOwnersOnlyAndAnAlteredOneIsNone() throws Exception {
    String id = link().path("id").asString("");
    assertThat(door.call("GET", LINKS + "/" + id, "", Door.as("mallory")).statusCode())
        .isEqualTo(404);
    String payload = id.substring(id.indexOf('.') + 1, id.lastIndexOf('.'));
    String altered = id.replace(payload, payload.substring(0, payload.length() - 4) + "AAAA");
    for (String wrong : new String[] {altered, "x", "a.b.c", id.substring(0, id.length() - 9)}) {
      assertThat(door.call("GET", LINKS + "/" + wrong, "", Door.as("alice")).statusCode())
          .as(wrong)
          .isEqualTo(404);
      assertThat(new Elsewhere("203.0.113.5").get("/from/" + wrong).statusCode())
          .as(wrong)
          .isEqualTo(404);
    }
  }
}
