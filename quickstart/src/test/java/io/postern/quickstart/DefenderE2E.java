package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.platform.EmbeddedBroker;
import io.postern.platform.Issuer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Postern, driven by whoever drove Defender's API before. */
class DefenderE2E {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001";
  private static final String GROUP = SUBSCRIPTION + "/resourceGroups/shop";
  private static final String PROVIDER = "/providers/Microsoft.Security";
  private static final String LOCATION = "/locations/westeurope";
  private static final String LIST = "/jitNetworkAccessPolicies";
  private static final String POLICY = GROUP + PROVIDER + LOCATION + LIST + "/default";
  private static final String VERSION = "?api-version=2020-01-01";
  private static final String PERSON = "203.0.113.7";

  @TempDir static Path home;
  private static Quickstart system;
  private static PosternClient admin;
  private static PosternClient alice;
  private static PosternClient mallory;
  private static String aliceToken;
  private static String secure;

  @BeforeAll
  static void start() {
    Issuer issuer = Issuer.in(home);
    Ports ports =
        new Ports(
            EmbeddedBroker.freePort(),
            EmbeddedBroker.freePort(),
            EmbeddedBroker.freePort(),
            EmbeddedBroker.freePort(),
            EmbeddedBroker.freePort(),
            OptionalInt.of(EmbeddedBroker.freePort()));
    secure = "https://127.0.0.1:" + ports.secureWeb().orElseThrow();
    aliceToken = issuer.token("alice", List.of("sre"));
    system = Quickstart.start(ports, Data.at(null), issuer, Console.standard(false));
    String web = system.clouds().web();
    admin = new PosternClient(web, issuer.token("root", List.of("admins")));
    alice = new PosternClient(web, aliceToken);
    mallory = new PosternClient(web, issuer.token("mallory", List.of("sales")));
  }

  @AfterAll
  static void close() {
    system.close();
  }

  @AfterEach
  void remove() throws Exception {
    admin.call("DELETE", POLICY + VERSION, "", Map.of());
  }

  private static String policy(String... ports) {
    return """
        {"kind": "Basic", "properties": {"virtualMachines": [
          {"id": "%s", "ports": [%s]}]}}
        """
        .formatted(SystemProcess.VM, String.join(", ", ports));
  }

  private static String port(int number, String longest) {
    return """
        {"number": %d, "protocol": "*", "allowedSourceAddressPrefix": "*",
         "maxRequestAccessDuration": "%s"}"""
        .formatted(number, longest);
  }

  private static String initiate(int number, String source, Instant end) {
    return """
        {"virtualMachines": [{"id": "%s", "ports": [
          {"number": %d, %s "endTimeUtc": "%s"}]}], "justification": "INC-42"}
        """
        .formatted(
            SystemProcess.VM,
            number,
            source.isEmpty() ? "" : "\"allowedSourceAddressPrefix\": \"" + source + "\",",
            end);
  }

  private static Api.Answer put(String body, Map<String, String> headers) throws Exception {
    return admin.call("PUT", POLICY + VERSION, body, headers);
  }

  private static void assertIs(String definition, Api.Answer answer) {
    assertThat(DefenderSchema.violations(definition, answer.body().toString()))
        .as(answer.body().toString())
        .isEmpty();
  }

  private static Optional<JsonNode> asked(PosternClient client)
      throws IOException, InterruptedException {
    Api.Answer answer = client.get(POLICY + VERSION);
    assertIs("JitNetworkAccessPolicy", answer);
    return answer
        .body()
        .path("properties")
        .path("requests")
        .valueStream()
        .findFirst()
        .map(r -> r.path("virtualMachines").path(0).path("ports").path(0));
  }

  @Test
  void aPolicyIsPutReadListedAndRemoved() throws Exception {
    Api.Answer put = put(policy(port(22, "PT3H"), port(3389, "PT1H")), Map.of());

    assertThat(put.status()).as(put.body().toString()).isEqualTo(200);
    assertIs("JitNetworkAccessPolicy", put);
    JsonNode written = put.body();
    assertThat(written.path("kind").asString("")).isEqualTo("Basic");
    assertThat(written.path("name").asString("")).isEqualTo("default");
    assertThat(written.path("location").asString("")).isEqualTo("westeurope");
    assertThat(written.path("properties").path("provisioningState").asString(""))
        .isEqualTo("Succeeded");
    JsonNode ports = written.path("properties").path("virtualMachines").path(0).path("ports");
    assertThat(ports.valueStream().map(p -> p.path("number").asInt(0))).containsExactly(22, 3389);
    assertThat(
            written
                .path("properties")
                .path("virtualMachines")
                .path(0)
                .path("publicIpAddress")
                .asString(""))
        .isEqualTo(
            admin.machine(SystemProcess.VM).path("publicAddresses").path(0).asString("none"));
    assertThat(ports.path(0).path("allowedSourceAddressPrefix").asString("")).isEqualTo("*");
    assertThat(ports.path(0).path("maxRequestAccessDuration").asString("")).isEqualTo("PT3H");
    for (String level :
        List.of(
            SUBSCRIPTION + PROVIDER,
            SUBSCRIPTION + PROVIDER + LOCATION,
            GROUP.replace("resourceGroups", "resourcegroups") + PROVIDER,
            GROUP + PROVIDER + "/LOCATIONS/WestEurope")) {
      Api.Answer list = alice.get(level + LIST + "?api-version=2015-06-01-preview");
      assertIs("JitNetworkAccessPoliciesList", list);
      assertThat(list.body().path("value").valueStream().map(p -> p.path("id").asString("")))
          .as(level)
          .containsExactly(POLICY);
    }
    Api.Answer eastus = alice.get(SUBSCRIPTION + PROVIDER + "/locations/eastus" + LIST + VERSION);
    assertThat(eastus.body().path("value").size()).isZero();
    assertThat(admin.call("DELETE", POLICY + VERSION, "", Map.of()).status()).isEqualTo(200);
    assertThat(admin.call("DELETE", POLICY + VERSION, "", Map.of()).status()).isEqualTo(204);
    Api.Answer gone = alice.get(POLICY + VERSION);
    assertThat(gone.status()).isEqualTo(404);
    assertIs("CloudError", gone);
  }

  @Test
  void initiateOpensForTheCallersChoiceOfSourceUntilItsEnd() throws Exception {
    put(policy(port(22, "PT3H")), Map.of());
    Instant end = Instant.now().plusSeconds(8);

    Api.Answer asked =
        alice.call("POST", POLICY + "/initiate" + VERSION, initiate(22, PERSON, end), Map.of());

    assertThat(asked.status()).as(asked.body().toString()).isEqualTo(202);
    assertIs("JitNetworkAccessRequest", asked);
    assertThat(asked.body().path("requestor").asString("")).isEqualTo("alice");
    assertThat(asked.body().path("justification").asString("")).isEqualTo("INC-42");
    await().atMost(SOON).until(() -> asked(alice).isPresent());
    JsonNode open = asked(alice).orElseThrow();
    assertThat(open.path("number").asInt(0)).isEqualTo(22);
    assertThat(open.path("allowedSourceAddressPrefix").asString("")).isEqualTo(PERSON);
    assertThat(asked(mallory)).as("what others see of it").isEmpty();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              JsonNode over = asked(alice).orElseThrow();
              assertThat(over.path("status").asString("")).isEqualTo("Revoked");
              assertThat(over.path("statusReason").asString("")).isEqualTo("Expired");
            });
  }

  @Test
  void withoutASourceItIsTheCallersOwnAddress() throws Exception {
    put(policy(port(22, "PT3H").replace("\"*\",\n", "\"127.0.0.0/8\",\n")), Map.of());

    Api.Answer asked =
        alice.call(
            "POST",
            POLICY + "/initiate" + VERSION,
            initiate(22, "", Instant.now().plusSeconds(60)),
            Map.of());

    assertThat(
            asked
                .body()
                .path("virtualMachines")
                .path(0)
                .path("ports")
                .path(0)
                .path("allowedSourceAddressPrefix")
                .asString(""))
        .as(asked.body().toString())
        .isEqualTo("127.0.0.1");
  }

  @Test
  void whatIsRefusedIsRefusedAtOnceWithItsReason() throws Exception {
    put(policy(port(22, "PT1H")), Map.of());
    Instant end = Instant.now().plusSeconds(60);
    String there = POLICY + "/initiate" + VERSION;

    Api.Answer stranger = mallory.call("POST", there, initiate(22, PERSON, end), Map.of());
    Api.Answer port = alice.call("POST", there, initiate(23, PERSON, end), Map.of());
    Api.Answer past = alice.call("POST", there, initiate(22, PERSON, Instant.EPOCH), Map.of());
    Api.Answer tooLong =
        alice.call("POST", there, initiate(22, PERSON, end.plusSeconds(7200)), Map.of());

    for (Api.Answer each : List.of(stranger, port, past, tooLong)) {
      assertIs("CloudError", each);
    }
    assertThat(stranger.status()).isEqualTo(403);
    assertThat(stranger.body().toString()).contains("JitAccessDenied", "web-01");
    assertThat(port.status()).isEqualTo(400);
    assertThat(port.body().toString()).contains("virtualMachines[0].ports[0].number", "23");
    assertThat(past.body().toString()).contains("virtualMachines[0].ports[0].endTimeUtc", "future");
    assertThat(tooLong.status()).isEqualTo(403);
  }

  @Test
  void aWrongPolicyNamesItsFieldsAndAChangeIsGuarded() throws Exception {
    Api.Answer wrong =
        put(policy(port(22, "PT48H"), port(70000, "PT1H")).replace("\"*\",", "\"**\","), Map.of());
    assertThat(wrong.status()).isEqualTo(400);
    assertIs("CloudError", wrong);
    assertThat(
            wrong
                .body()
                .path("error")
                .path("details")
                .valueStream()
                .map(d -> d.path("target").asString("")))
        .contains(
            "properties.virtualMachines[0].ports[0].maxRequestAccessDuration",
            "properties.virtualMachines[0].ports[1].number",
            "properties.virtualMachines[0].ports[0].protocol");

    String etag = put(policy(port(22, "PT3H")), Map.of()).headers().getOrDefault("etag", "");
    assertThat(put(policy(port(22, "PT2H")), Map.of("If-Match", "\"other\"")).status())
        .isEqualTo(412);
    assertThat(put(policy(port(22, "PT2H")), Map.of("If-Match", etag)).status()).isEqualTo(200);
    assertThat(put(policy(port(22, "PT1H")), Map.of("If-Match", etag)).status()).isEqualTo(412);
  }

  @Test
  void callsThatLeadNowhereAreAnsweredAsAzureWould() throws Exception {
    Api nobody = new Api(system.clouds().web());

    Api.Answer anonymous = nobody.call("GET", POLICY + VERSION, "", Map.of());
    Api.Answer noVersion = alice.get(POLICY);
    Api.Answer oldVersion = alice.get(POLICY + "?api-version=2014-01-01");
    Api.Answer elsewhere = alice.get(SUBSCRIPTION + "/resourceGroups" + VERSION);
    Api.Answer notAdmin = alice.call("PUT", POLICY + VERSION, policy(port(22, "PT1H")), Map.of());

    for (Api.Answer each : List.of(anonymous, noVersion, oldVersion, elsewhere, notAdmin)) {
      assertIs("CloudError", each);
    }
    assertThat(anonymous.status()).isEqualTo(401);
    assertThat(anonymous.body().toString()).contains("AuthenticationFailed");
    assertThat(noVersion.body().toString()).contains("MissingApiVersionParameter");
    assertThat(oldVersion.body().toString()).contains("InvalidApiVersionParameter");
    assertThat(elsewhere.status()).isEqualTo(404);
    assertThat(notAdmin.status()).isEqualTo(403);
  }

  @Test
  void aClientOfAzuresFindsItsWayInByItself() throws Exception {
    put(policy(port(22, "PT3H")), Map.of());
    Api web = new Api(secure, trust());

    JsonNode cloud = ask(web, "/metadata/endpoints?api-version=2015-01-01");
    String login = cloud.path("authentication").path("loginEndpoint").asString("");
    assertThat(login).isEqualTo(secure + "/adfs");
    assertThat(cloud.path("authentication").path("audiences").path(0).asString(""))
        .isEqualTo(secure + "/");
    assertThat(cloud.path("graphEndpoint").asString("")).isNotEmpty();
    JsonNode newer = ask(web, "/metadata/endpoints?api-version=2022-09-01").path(0);
    assertThat(newer.path("resourceManager").asString("")).isEqualTo(secure + "/");
    assertThat(newer.path("authentication").path("identityProvider").asString(""))
        .isEqualTo("ADFS");

    JsonNode adfs = ask(web, "/adfs/.well-known/openid-configuration");
    String entra =
        ask(web, "/common/discovery/instance?api-version=1.1")
            .path("tenant_discovery_endpoint")
            .asString("");
    JsonNode v2 = ask(web, entra.substring(secure.length()));
    assertThat(v2.path("authorization_endpoint").asString("")).startsWith(secure);
    for (JsonNode configuration : List.of(adfs, v2)) {
      String path = configuration.path("token_endpoint").asString("").substring(secure.length());
      Api.Answer token = token(web, path, "client_credentials", "alice", aliceToken);
      assertThat(token.status()).as(token.body().toString()).isEqualTo(200);
      assertThat(token.body().path("access_token").asString("")).isEqualTo(aliceToken);
      assertThat(token.body().path("expires_in").asInt(0)).isPositive();
      assertThat(token.headers().getOrDefault("cache-control", "")).contains("no-store");
      Api.Answer foreign = token(web, path, "client_credentials", "root", aliceToken);
      assertThat(foreign.status()).isEqualTo(401);
      assertThat(foreign.body().path("error").asString("")).isEqualTo("invalid_client");
      assertThat(token(web, path, "password", "alice", aliceToken).body().toString())
          .contains("unsupported_grant_type");
    }

    JsonNode all = alice.get("/subscriptions?api-version=2022-12-01").body();
    assertThat(all.path("value").valueStream().map(s -> s.path("id").asString("")))
        .contains(SUBSCRIPTION);
    String tenant = all.path("value").path(0).path("tenantId").asString("");
    assertThat(alice.get("/tenants?api-version=2022-12-01").body().toString()).contains(tenant);
    assertThat(
            alice.get(SUBSCRIPTION + "?api-version=2022-12-01").body().path("state").asString(""))
        .isEqualTo("Enabled");
    for (Api.Answer wrong :
        List.of(
            alice.get("/subscriptions/00000000-0000-0000-0000-00000000ffff?api-version=2022-12-01"),
            alice.get("/subscriptions"),
            alice.get("/tenants?api-version=latest"),
            web.call("GET", "/subscriptions?api-version=2022-12-01", "", Map.of()),
            web.call("GET", "/tenants?api-version=2022-12-01", "", Map.of()),
            web.call("GET", "/metadata/endpoints", "", Map.of()))) {
      assertThat(wrong.status()).isBetween(400, 404);
      assertIs("CloudError", wrong);
    }
  }

  private static JsonNode ask(Api web, String path) throws IOException, InterruptedException {
    Api.Answer answer = web.call("GET", path, "", Map.of());
    assertThat(answer.status()).as(path).isEqualTo(200);
    return answer.body();
  }

  private static Api.Answer token(Api web, String path, String grant, String client, String secret)
      throws Exception {
    String form =
        "grant_type=%s&client_id=%s&client_secret=%s&scope=any".formatted(grant, client, secret);
    return web.call(
        "POST", path, form, Map.of("Content-Type", "application/x-www-form-urlencoded"));
  }

  private static SSLContext trust() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(home.resolve("tls/ca.pem"))) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
