package io.postern.quickstart;

import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.AccessClosed;
import io.postern.event.AccessExpired;
import io.postern.event.AccessOpened;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.log.Topics;
import io.postern.platform.Issuer;
import io.postern.platform.LogProbe;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole log, read again from its beginning and delivered again: no cloud is written to, no port
 * opens or closes, and no grant ends a second time. {@code -Dpostern.replays=100} for many.
 */
class ReplayE2E {
  private static final int REPLAYS = Integer.getInteger("postern.replays", 4);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String OTHER_VM = VM.replace("web-01", "db-01");
  private static final String OTHER_ARN = ARN.replaceAll("0$", "1");
  private static final String EXPIRED = "203.0.113.1";
  private static final String CLOSED = "203.0.113.2";
  private static final String REVOKED = "203.0.113.3";
  private static final String LIVE = "203.0.113.4";
  private static final String MARKER = "203.0.113.5";

  /** Where each service may be told a second time what it was told before its last commit. */
  private static final List<String> DELIVERED_AGAIN =
      List.of(
          Topics.REQUESTS.name(),
          Topics.VETTED.name(),
          Topics.DECISIONS.name(),
          Topics.EXPIRATIONS.name(),
          Topics.ENFORCEMENT.name());

  /** What keeps nothing on disk and reads its topics from their beginning whenever it starts. */
  private static final List<String> READ_AGAIN =
      List.of(Topics.AZURE_ENFORCER, Topics.AWS_ENFORCER, Topics.EXPIRY_SERVICE);

  @TempDir static Path home;
  private static Quickstart system;
  private static PosternClient alice;
  private static PosternClient admin;
  private static LogProbe probe;

  @BeforeAll
  static void start() throws Exception {
    Issuer issuer = Issuer.in(home);
    Ports ports = FreePorts.take();
    system = Quickstart.start(ports, Data.at(null), issuer, Console.standard(false));
    alice = new PosternClient(system.clouds().web(), issuer.token("alice", List.of("sre")));
    admin = new PosternClient(system.clouds().web(), issuer.token("root", List.of("admins")));
    List<String> watched = new ArrayList<>(DELIVERED_AGAIN);
    watched.add(Topics.LEASES.name());
    probe = LogProbe.on(system.platform(), watched.toArray(String[]::new));
  }

  @AfterAll
  static void close() {
    probe.close();
    system.close();
  }

  /**
   * A policy that came and went, and of each machine a grant for each way to end, and a live one.
   */
  private static void history() throws Exception {
    putPolicy("gone", OTHER_VM, OTHER_ARN);
    for (String machine : List.of(OTHER_VM, OTHER_ARN)) {
      probe.await(LockdownApplied.class, e -> e.getMachineId().equalsIgnoreCase(machine));
    }
    assertThat(admin.call("DELETE", "/api/v1/policies/gone", "", Map.of()).status())
        .isBetween(200, 299);
    for (String machine : List.of(OTHER_VM, OTHER_ARN)) {
      probe.await(LockdownLifted.class, e -> e.getMachineId().equalsIgnoreCase(machine));
    }

    putPolicy("web", VM, ARN);
    awaitPasses("198.18.0.1", VM, ARN, false);
    // What makes the machine's access group in EC2 outlasts the test: the group bears the end that
    // was known then, and the first look after that end, a restart's too, writes a later one.
    String closed = request(CLOSED, "PT30M");
    awaitPasses(CLOSED, VM, ARN, true);
    String expired = request(EXPIRED, "PT5S");
    String live = request(LIVE, "PT8S");
    String revoked = request(REVOKED, "PT30M");
    for (String source : List.of(EXPIRED, LIVE, CLOSED, REVOKED)) {
      awaitPasses(source, VM, ARN, true);
    }
    // Its first end is over when the replays begin: an old lease that counted would close it.
    Instant firstEnd = lastEnd(live);
    for (String grant : grants(live)) {
      String path = "/api/v1/grants/" + grant + "/extension";
      assertThat(alice.call("POST", path, "{\"duration\": \"PT30M\"}", Map.of()).status())
          .isEqualTo(202);
    }
    end(alice, closed);
    end(admin, revoked);
    await().atMost(SOON).until(() -> states(closed).equals(Set.of("CLOSED USER_REQUESTED")));
    await().atMost(SOON).until(() -> states(revoked).equals(Set.of("CLOSED ADMIN_REVOKED")));
    await().atMost(SOON).until(() -> states(expired).equals(Set.of("CLOSED EXPIRED")));
    await().atMost(SOON).until(() -> states(live).equals(Set.of("OPEN -")));
    List<String> over =
        Stream.of(grants(expired), grants(closed), grants(revoked)).flatMap(List::stream).toList();
    await().atMost(SOON).until(() -> tombstones(over) == over.size());
    await().atMost(SOON).until(() -> Instant.now().isAfter(firstEnd));
  }

  @Test
  void theWholeLogAgainWritesToNoCloudAndEndsNothingTwice() throws Exception {
    history();
    List<String> rules = SystemProcess.rules(system.clouds().arm(), system.clouds().ec2());
    Set<String> told = told(g -> true);
    int ends = probe.all(AccessExpired.class, e -> true).size();
    List<ConsumerRecord<byte[], byte[]>> log =
        probe.seen().stream()
            .map(LogProbe.Seen::record)
            .filter(r -> DELIVERED_AGAIN.contains(r.topic()))
            .toList();
    forgetCalls();

    try (KafkaProducer<byte[], byte[]> producer = system.platform().kafka().newProducer("again")) {
      for (int replay = 1; replay <= REPLAYS; replay++) {
        for (ConsumerRecord<byte[], byte[]> r : log) {
          producer.send(
              new ProducerRecord<>(r.topic(), r.partition(), r.key(), r.value(), r.headers()));
        }
        producer.flush();
        for (String service : READ_AGAIN) {
          system.stop(service);
        }
        for (String service : READ_AGAIN) {
          system.resume(service);
        }
        int number = replay;
        // They have looked at what the machines' ports hang on.
        await()
            .atMost(SOON)
            .untilAsserted(
                () ->
                    assertThat(asked())
                        .anyMatch(c -> c.contains("/networksecuritygroups/web-01-nsg"))
                        .anyMatch(c -> c.startsWith("DescribeSecurityGroupRules")));
        assertThat(writes()).as("replay %d", number).isEmpty();
        assertThat(passes(LIVE)).as("replay %d", number).containsExactly(true, true);
        assertThat(passes(EXPIRED)).as("replay %d", number).containsExactly(false, false);
        forgetCalls();
      }
    }

    // Behind all of it, in every topic: what was read before it has had its effect when it opens.
    String marker = request(MARKER, "PT30M");
    awaitPasses(MARKER, VM, ARN, true);
    await().atMost(SOON).until(() -> states(marker).equals(Set.of("OPEN -")));
    assertThat(writes()).isNotEmpty().allMatch(w -> w.contains(MARKER));
    end(alice, marker);
    await().atMost(SOON).until(() -> states(marker).equals(Set.of("CLOSED USER_REQUESTED")));
    assertThat(SystemProcess.rules(system.clouds().arm(), system.clouds().ec2())).isEqualTo(rules);
    for (String source : List.of(EXPIRED, CLOSED, REVOKED)) {
      assertThat(passes(source)).containsExactly(false, false);
    }
    assertThat(passes(LIVE)).containsExactly(true, true);
    List<String> late = grants(marker);
    assertThat(told(g -> !late.contains(g))).isEqualTo(told);
    assertThat(probe.all(AccessExpired.class, e -> true))
        .as("the ends that the log had, each once more with every delivery, and none of a service")
        .hasSize(ends * (1 + REPLAYS));
  }

  private static void putPolicy(String name, String... machines) throws Exception {
    String policy =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion", 1,
                "machines", Stream.of(machines).map(m -> Map.of("id", m)).toList(),
                "ports",
                    List.of(Map.of("port", 22, "sources", List.of("*"), "maxDuration", "PT2H")),
                "requestors", Map.of("groups", List.of("sre")),
                "extension", Map.of("maxTotal", "PT2H"),
                "existingRules", "override"));
    assertThat(admin.call("PUT", "/api/v1/policies/" + name, policy, Map.of()).status())
        .isEqualTo(201);
  }

  private static String request(String source, String duration) throws Exception {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "machines", List.of(VM, ARN),
                "ports", List.of(Map.of("port", 22, "protocol", "TCP")),
                "sources", List.of(source),
                "duration", duration));
    Api.Answer answer = alice.call("POST", "/api/v1/requests", body, Map.of());
    assertThat(answer.status()).isEqualTo(202);
    return answer.headers().getOrDefault("location", "");
  }

  private static void end(PosternClient who, String request) throws Exception {
    for (String grant : grants(request)) {
      assertThat(who.call("DELETE", "/api/v1/grants/" + grant, "", Map.of()).status())
          .isBetween(200, 299);
    }
  }

  private static List<JsonNode> items(String request) throws Exception {
    return alice.get(request).body().path("grants").valueStream().toList();
  }

  private static List<String> grants(String request) throws Exception {
    return items(request).stream().map(g -> g.path("id").asString("?")).toList();
  }

  private static Set<String> states(String request) throws Exception {
    return items(request).stream()
        .map(g -> g.path("state").asString("?") + " " + g.path("reason").asString("-"))
        .collect(Collectors.toSet());
  }

  private static Instant lastEnd(String request) throws Exception {
    return items(request).stream()
        .map(g -> Instant.parse(g.path("expiresAt").asString("?")))
        .max(Instant::compareTo)
        .orElseThrow();
  }

  private static long tombstones(List<String> grants) {
    return probe.seen().stream()
        .map(LogProbe.Seen::record)
        .filter(r -> r.value() == null)
        .map(r -> new String(r.key(), StandardCharsets.UTF_8))
        .filter(k -> grants.contains(k.substring(k.lastIndexOf('/') + 1)))
        .count();
  }

  /** What the enforcers have said of these grants: that they opened and closed. */
  private static Set<String> told(Predicate<String> ofGrant) {
    return Stream.concat(
            probe.all(AccessOpened.class, e -> ofGrant.test(e.getGrantId())).stream()
                .map(AccessOpened::getEventId),
            probe.all(AccessClosed.class, e -> ofGrant.test(e.getGrantId())).stream()
                .map(AccessClosed::getEventId))
        .collect(Collectors.toSet());
  }

  private static List<Boolean> passes(String source) throws Exception {
    return passes(source, VM, ARN);
  }

  private static List<Boolean> passes(String source, String vm, String arn) throws Exception {
    return List.of(
        new SimulatedMachine("azure", vm, new Api(system.clouds().arm()))
            .packet(source, 22)
            .reachable(),
        new SimulatedMachine("aws", arn, new Api(system.clouds().ec2()))
            .packet(source, 22)
            .reachable());
  }

  private static void awaitPasses(String source, String vm, String arn, boolean wanted) {
    await().atMost(SOON).until(() -> passes(source, vm, arn).equals(List.of(wanted, wanted)));
  }

  private static List<JsonNode> calls(String simulator) throws Exception {
    return journal(simulator, "GET").lines().map(JSON::readTree).toList();
  }

  private static String journal(String simulator, String method) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(simulator + "/_simulator/journal"))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static void forgetCalls() throws Exception {
    journal(system.clouds().arm(), "DELETE");
    journal(system.clouds().ec2(), "DELETE");
  }

  /** What both enforcers have asked since calls were forgotten. */
  private static List<String> asked() throws Exception {
    return Stream.concat(
            calls(system.clouds().arm()).stream(), calls(system.clouds().ec2()).stream())
        .map(c -> c.path("action").asString("") + " " + c.path("path").asString(""))
        .distinct()
        .toList();
  }

  /** The calls that change something, with what they carried. */
  private static List<String> writes() throws Exception {
    return Stream.concat(
            calls(system.clouds().arm()).stream()
                .filter(
                    c -> Set.of("PUT", "PATCH", "DELETE").contains(c.path("method").asString(""))),
            calls(system.clouds().ec2()).stream()
                .filter(c -> !c.path("action").asString("").matches("(Describe|Get|Simulate).*"))
                .filter(c -> !c.path("reqBody").asString("").contains("DryRun=true")))
        .map(
            c ->
                "%s %s %s %s"
                    .formatted(
                        c.path("method").asString(""),
                        c.path("action").asString(""),
                        c.path("path").asString(""),
                        c.path("reqBody").asString("")))
        .toList();
  }
}
