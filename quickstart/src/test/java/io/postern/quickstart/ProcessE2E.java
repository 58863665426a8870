package io.postern.quickstart;

import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole system as a process of its own, killed without warning and started on the same data.
 */
class ProcessE2E {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LATER = Duration.ofSeconds(60);

  @TempDir Path home;
  private SystemProcess system;
  private PosternClient admin;
  private PosternClient alice;

  @RegisterExtension
  final TestExecutionExceptionHandler tells =
      (context, failure) -> {
        throw system.explained(failure);
      };

  @BeforeEach
  void create() {
    system = new SystemProcess(home);
    admin = system.client("root", "admins");
    alice = system.client("alice", "sre");
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    system.end();
  }

  @Test
  void whatWasOpenClosesAtItsTimeAndNothingIsLeftOver() throws Exception {
    system.up();
    List<String> before = system.rules();
    putPolicy();
    await().atMost(SOON).until(() -> system.passes("192.0.2.66").equals(List.of(false, false)));
    String request = request("PT30S");
    awaitStates(SOON, request, "OPEN");
    assertThat(system.passes("203.0.113.7")).containsExactly(true, true);
    system.kill();

    system.up();
    awaitStates(LATER, request, "CLOSED");
    assertThat(system.passes("203.0.113.7")).containsExactly(false, false);

    // Killed right behind the 202: whatever came of it by then, it is granted, opened and closed.
    String second = request("PT20S");
    system.kill();
    system.up();
    awaitStates(LATER, second, "CLOSED");

    // Killed right behind the removal: the lock-down is lifted by the next life.
    admin.call("DELETE", "/api/v1/policies/kill", "", Map.of());
    system.kill();
    system.up();
    await().atMost(SOON).untilAsserted(() -> assertThat(system.rules()).isEqualTo(before));
    await().atMost(SOON).untilAsserted(() -> assertThat(system.ownGroups()).isEmpty());
    assertThat(system.passes("192.0.2.66")).containsExactly(true, true);

    system.kill();
    assertNoSecretIsToldAnywhere();
  }

  /** Neither what the system printed nor a record on the log has a key or a token in it. */
  private void assertNoSecretIsToldAnywhere() throws IOException {
    Secrets secrets = Secrets.below(home);
    assertThat(secrets.count()).as("keys of six services, marks and issuer").isGreaterThan(7);
    secrets.add(admin.token());
    secrets.add(alice.token());
    assertThat(home.resolve("up.log")).isNotEmptyFile();
    assertThat(secrets.foundBelow(home)).isEmpty();
    Files.writeString(home.resolve("planted.txt"), "Bearer " + alice.token());
    assertThat(secrets.foundBelow(home)).containsExactly(home.resolve("planted.txt"));
  }

  @Test
  void theEnforcersCanBePointedAtOtherClouds() throws Exception {
    try (ArmSimulator arm = ArmSimulator.start(ArmSimulator.Options.defaults());
        Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults())) {
      ArmScene.small(arm);
      Ec2Scene.small(ec2);
      system.set("POSTERN_AZURE_ENDPOINT", arm.url());
      system.set("POSTERN_AWS_ENDPOINT", ec2.url());
      system.up();
      putPolicy();
      await()
          .atMost(SOON)
          .until(
              () ->
                  SystemProcess.passes("192.0.2.66", arm.url(), ec2.url())
                      .equals(List.of(false, false)));
      String request = request("PT1H");
      awaitStates(SOON, request, "OPEN");
      assertThat(SystemProcess.passes("203.0.113.7", arm.url(), ec2.url()))
          .containsExactly(true, true);
    }
  }

  @Test
  void aCollectorIsToldTheWayFromTheCallThroughEveryTopicToTheCloudsAndBack() throws Exception {
    String traceId = "7bf92f3577b34da6a3ce929d0e0e4737";
    try (TraceCollector collector = new TraceCollector()) {
      system.set("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
      system.set("OTEL_BSP_SCHEDULE_DELAY", "200");
      system.up();
      putPolicy();
      await().atMost(SOON).until(() -> system.passes("192.0.2.66").equals(List.of(false, false)));
      String caller = "00-" + traceId + "-00f067aa0ba902b7-01";
      String request = request("PT6S", Map.of("traceparent", caller));
      awaitStates(LATER, request, "CLOSED");

      await()
          .atMost(SOON)
          .until(() -> collector.named(traceId, "publish AccessClosed").size() == 2);
      assertThat(collector.named(traceId, "POST /api/v1/requests"))
          .singleElement()
          .satisfies(s -> assertThat(s.parent()).isEqualTo("00f067aa0ba902b7"))
          .satisfies(s -> assertThat(s.service()).isEqualTo("postern"));
      // Each step by what it followed from: request, vetted, decision and lease, cloud,
      // enforcement.
      assertThat(collector.waysBack(traceId, "publish AccessOpened"))
          .hasSize(2)
          .allSatisfy(
              way ->
                  assertThat(way)
                      .containsExactly(
                          "publish AccessOpened",
                          "decide",
                          "vet",
                          "publish RequestSubmitted",
                          "POST /api/v1/requests"));
      assertThat(collector.waysBack(traceId, "cloud write"))
          .hasSizeGreaterThanOrEqualTo(4)
          .allSatisfy(
              way ->
                  assertThat(way)
                      .containsExactly(
                          "cloud write",
                          "reconcile",
                          "decide",
                          "vet",
                          "publish RequestSubmitted",
                          "POST /api/v1/requests"));
    }
  }

  private void awaitStates(Duration limit, String request, String state) {
    await().atMost(limit).untilAsserted(() -> assertThat(states(request)).containsExactly(state));
  }

  private Set<String> states(String request) throws IOException, InterruptedException {
    Set<String> states = new TreeSet<>();
    JsonNode seen = alice.get(request).body();
    for (JsonNode grant : seen.path("grants")) {
      states.add(grant.path("state").asString("?"));
    }
    return seen.path("grants").size() == 2 ? states : Set.of("waiting");
  }

  private String request(String time) throws IOException, InterruptedException {
    return request(time, Map.of());
  }

  private String request(String time, Map<String, String> headers)
      throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "machines", List.of(VM, ARN),
                "ports", List.of(Map.of("port", 22, "protocol", "TCP")),
                "sources", List.of("203.0.113.7"),
                "duration", time));
    Api.Answer answer = alice.call("POST", "/api/v1/requests", body, headers);
    assertThat(answer.status()).isEqualTo(202);
    return answer.headers().getOrDefault("location", "");
  }

  private void putPolicy() throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion", 1,
                "machines", List.of(Map.of("id", VM), Map.of("id", ARN)),
                "ports",
                    List.of(Map.of("port", 22, "sources", List.of("*"), "maxDuration", "PT1H")),
                "requestors", Map.of("groups", List.of("sre")),
                "existingRules", "override"));
    assertThat(admin.call("PUT", "/api/v1/policies/kill", body, Map.of()).status()).isEqualTo(201);
  }
}
