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
