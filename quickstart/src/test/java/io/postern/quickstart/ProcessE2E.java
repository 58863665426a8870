package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.platform.EmbeddedBroker;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole system as a process of its own, killed without warning and started on the same data.
 */
class ProcessE2E {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String VM =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01";
  private static final String NSG =
      "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/web-01-nsg";
  private static final String ARN =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";
  private static final Duration START = Duration.ofSeconds(120);

  @TempDir Path home;

  private Map<String, String> ports = Map.of();
  private @Nullable Process process;
  private Api arm;
  private PosternClient admin;
  private PosternClient alice;
  private List<SimulatedMachine> machines = List.of();

  @BeforeEach
  void choosePorts() {
    ports =
        Map.of(
            "POSTERN_WEB_PORT", "" + EmbeddedBroker.freePort(),
            "POSTERN_ARM_PORT", "" + EmbeddedBroker.freePort(),
            "POSTERN_EC2_PORT", "" + EmbeddedBroker.freePort(),
            "POSTERN_KAFKA_PORT", "" + EmbeddedBroker.freePort(),
            "POSTERN_REGISTRY_PORT", "" + EmbeddedBroker.freePort());
    Issuer issuer = Issuer.in(home.resolve(".postern"));
    String web = url("POSTERN_WEB_PORT");
    arm = new Api(url("POSTERN_ARM_PORT"));
    admin = new PosternClient(web, issuer.token("root", List.of("admins")));
    alice = new PosternClient(web, issuer.token("alice", List.of("sre")));
    machines =
        List.of(
            new SimulatedMachine("azure", VM, arm),
            new SimulatedMachine("aws", ARN, new Api(url("POSTERN_EC2_PORT"))));
  }

  private String url(String variable) {
    return "http://127.0.0.1:" + ports.get(variable);
  }

  private void up() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        List.of(
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dpostern.home=" + home,
            "-Dpostern.registry.home=" + System.getProperty("postern.registry.home"),
            "-Dorg.springframework.boot.logging.LoggingSystem=none",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "up",
            "--data",
            home.resolve("data").toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(ports);
    File log = home.resolve("up.log").toFile();
    process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    await().atMost(START).pollInterval(Duration.ofMillis(200)).until(this::isReady);
  }

  private boolean isReady() {
    assertThat(process != null && process.isAlive()).as("the system ended by itself").isTrue();
    try {
      return admin.get("/actuator/health/readiness").status() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @AfterEach
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly();
      process.waitFor(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatWasOpenClosesAtItsTimeAndNothingIsLeftOver() throws Exception {
    up();
    List<String> before = rules();
    putPolicy();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> passes("192.0.2.66").equals(List.of(false, false)));
    String request = request("PT45S");
    await().atMost(Duration.ofSeconds(30)).until(() -> states(request).equals(Set.of("OPEN")));
    assertThat(passes("203.0.113.7")).containsExactly(true, true);
    kill();

    up();
    await().atMost(Duration.ofSeconds(60)).until(() -> states(request).equals(Set.of("CLOSED")));
    assertThat(passes("203.0.113.7")).containsExactly(false, false);

    // Killed right behind the 202: whatever came of it by then, it is granted, opened and closed.
    String second = request("PT20S");
    kill();
    up();
    await().atMost(Duration.ofSeconds(60)).until(() -> states(second).equals(Set.of("CLOSED")));

    // Killed right behind the removal: the lock-down is lifted by the next life.
    admin.call("DELETE", "/api/v1/policies/kill", "", Map.of());
    kill();
    up();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(rules()).isEqualTo(before));
    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(ownGroups()).isZero());
    assertThat(passes("192.0.2.66")).containsExactly(true, true);
  }

  @Test
  void theEnforcersCanBePointedAtOtherClouds() throws Exception {
    try (ArmSimulator otherArm = ArmSimulator.start(ArmSimulator.Options.defaults());
        Ec2Simulator otherEc2 = Ec2Simulator.start(Ec2Simulator.Options.defaults())) {
      ArmScene.small(otherArm);
      Ec2Scene.small(otherEc2);
      Map<String, String> moved = new HashMap<>(ports);
      moved.put("POSTERN_AZURE_ENDPOINT", otherArm.url());
      moved.put("POSTERN_AWS_ENDPOINT", otherEc2.url());
      ports = moved;
      machines =
          List.of(
              new SimulatedMachine("azure", VM, new Api(otherArm.url())),
              new SimulatedMachine("aws", ARN, new Api(otherEc2.url())));
      up();
      putPolicy();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> passes("192.0.2.66").equals(List.of(false, false)));
      String request = request("PT1H");
      await().atMost(Duration.ofSeconds(30)).until(() -> states(request).equals(Set.of("OPEN")));
      assertThat(passes("203.0.113.7")).containsExactly(true, true);
    }
  }

  private List<Boolean> passes(String source) throws IOException, InterruptedException {
    return List.of(
        machines.get(0).packet(source, 22).reachable(),
        machines.get(1).packet(source, 22).reachable());
  }

  private List<String> rules() throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(RuleSnapshots.azure(arm, NSG));
    all.addAll(RuleSnapshots.aws(url("POSTERN_EC2_PORT"), "i-0abc1234def567890"));
    return all;
  }

  private int ownGroups() throws IOException, InterruptedException {
    return RuleSnapshots.awsGroups(url("POSTERN_EC2_PORT"), "postern-*").size();
  }

  private Set<String> states(String request) throws IOException, InterruptedException {
    Set<String> states = new java.util.TreeSet<>();
    JsonNode seen = alice.get(request).body();
    for (JsonNode grant : seen.path("grants")) {
      states.add(grant.path("state").asString("?"));
    }
    return seen.path("grants").size() == 2 ? states : Set.of("waiting");
  }

  private String request(String time) throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "machines", List.of(VM, ARN),
                "ports", List.of(Map.of("port", 22, "protocol", "TCP")),
                "sources", List.of("203.0.113.7"),
                "duration", time));
    Api.Answer answer = alice.call("POST", "/api/v1/requests", body, Map.of());
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
