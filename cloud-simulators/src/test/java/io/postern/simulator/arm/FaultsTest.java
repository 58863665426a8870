package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.simulator.kernel.Journal;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class FaultsTest extends SmallScene {
  private static final String RULE = Http.NSG + "web-02-nsg/securityRules/r";
  private static final String ALLOW = Http.rule("Allow", 100, "*", "22");

  @Test
  void lostAnswerLeavesTheRuleBehind() {
    http.simulator(
        "faults",
        "{\"action\":\"PUT networkSecurityGroups/securityRules\",\"kind\":\"LOST_ANSWER\"}");
    // Java's client sends a PUT again by itself only if nothing of the answer can have come.
    assertThatThrownBy(() -> http.put(RULE, ALLOW)).isInstanceOf(UncheckedIOException.class);
    assertThat(http.get(RULE).status()).isEqualTo(200);
  }

  @Test
  void errorBeforeHasArmsShapeAndNoEffect() {
    http.simulator(
        "faults",
        """
        {"action":"PUT networksecuritygroups/*","kind":"ERROR_BEFORE","status":429,
        "code":"RetryableError","retryAfterSeconds":7}""");
    Http.Answer refused = http.put(RULE, ALLOW);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("RetryableError");
    assertThat(refused.header("Retry-After")).isEqualTo("7");
    assertThat(http.get(RULE).status()).isEqualTo(404);
  }

  @Test
  void errorAfterLeavesTheRuleBehindAtTheCallThatWasNamed() {
    http.simulator(
        "faults", "{\"action\":\"PUT *\",\"nth\":2,\"times\":1,\"kind\":\"ERROR_AFTER\"}");
    assertThat(http.put(RULE, ALLOW).status()).isEqualTo(201);
    String second = Http.NSG + "web-02-nsg/securityRules/s";
    assertThat(http.put(second, Http.rule("Allow", 101, "*", "22")).status()).isEqualTo(500);
    assertThat(http.get(second).status()).isEqualTo(200);
    assertThat(http.put(RULE, ALLOW).status()).isEqualTo(200);
  }

  @Test
  void resetCutsTheConnectionWithoutEffect() {
    http.simulator("faults", "{\"action\":\"PUT *\",\"kind\":\"RESET\"}");
    assertThatThrownBy(() -> http.put(RULE, ALLOW)).isInstanceOf(UncheckedIOException.class);
    assertThat(http.get(RULE).status()).isEqualTo(404);
  }

  @Test
  void slowCallsTakeEffectLater() {
    http.simulator("faults", "{\"action\":\"PUT *\",\"kind\":\"SLOW\",\"millis\":300}");
    long start = System.nanoTime();
    assertThat(http.put(RULE, ALLOW).status()).isEqualTo(201);
    assertThat(System.nanoTime() - start).as("never sooner").isGreaterThan(290_000_000);
  }

  @Test
  void journalIsLinesOfJson() {
    simulator.server().journal().clear();
    http.put(RULE, ALLOW);
    http.get(RULE);
    String[] lines = http.get("/_simulator/journal").raw().body().strip().split("\n", -1);
    assertThat(lines).hasSize(2);
    var put = Json.MAPPER.readTree(lines[0]);
    assertThat(put.propertyNames())
        .contains(
            "t",
            "method",
            "path",
            "query",
            "reqHeaders",
            "reqBody",
            "status",
            "respHeaders",
            "respBody");
    assertThat(put.path("method").asString()).isEqualTo("PUT");
    assertThat(put.path("path").asString()).isEqualTo(RULE);
    assertThat(put.path("status").asInt()).isEqualTo(201);
    assertThat(put.path("reqBody").toString()).contains("destinationPortRange");
  }

  @Test
  void journalKnowsCallsByMethodAndType() {
    simulator.server().journal().clear();
    http.put(RULE, ALLOW);
    http.get(
        "/subscriptions/" + ArmScene.SUBSCRIPTION + "/providers/microsoft.compute/VIRTUALMACHINES");
    http.get("/subscriptions");
    assertThat(simulator.server().journal().entries())
        .extracting(Journal.Entry::action)
        .containsExactly(
            "PUT networkSecurityGroups/securityRules", "GET virtualMachines", "GET subscriptions");
  }

  @Test
  void fleetIsThereAtOnce() {
    ArmScene.fleet(simulator, 300);
    String machine = Http.VM.replace("/shop/", "/fleet/") + "vm-0299";
    assertThat(http.get(machine).status()).isEqualTo(200);
  }
}
