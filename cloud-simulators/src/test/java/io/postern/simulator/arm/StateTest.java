package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The next simulator starts from a copy of the file, as after a kill: nothing is written at exit.
 */
class StateTest {
  @TempDir Path directory;

  private ArmSimulator start(String file) {
    return ArmSimulator.start(
        ArmSimulator.Options.defaults().withStateFile(directory.resolve(file)));
  }

  private ArmSimulator afterKill() throws Exception {
    Files.copy(directory.resolve("state"), directory.resolve("copy"));
    return start("copy");
  }

  @Test
  void everythingSurvivesAKill() throws Exception {
    try (ArmSimulator first = start("state")) {
      ArmScene.small(first);
      Http http = new Http(first);
      http.put(Http.NSG + "web-02-nsg/securityRules/r", Http.rule("Allow", 100, "*", "22"));
      String connection = http.connect("203.0.113.7", "web-02", 22);
      JsonNode group = http.get(Http.NSG + "web-02-nsg").json();
      try (ArmSimulator second = afterKill()) {
        ArmScene.small(second);
        Http again = new Http(second);
        assertThat(again.get(Http.NSG + "web-02-nsg").json()).isEqualTo(group);
        assertThat(again.isAlive(connection)).isTrue();
        assertThat(again.connect("203.0.113.7", "web-02", 22)).doesNotContain("refused");
      }
    }
  }

  @Test
  void runningOperationGoesOnAfterAKill() throws Exception {
    try (ArmSimulator first = start("state")) {
      ArmScene.small(first);
      Http http = new Http(first);
      http.simulator("settings", "{\"operationLatency\":\"PT1H\"}");
      Http.Answer put =
          http.put(Http.NSG + "web-02-nsg/securityRules/r", Http.rule("Allow", 100, "*", "22"));
      assertThat(put.json().at("/properties/provisioningState").asString()).isEqualTo("Updating");
      try (ArmSimulator second = afterKill()) {
        Http again = new Http(second);
        String poll = put.header("Azure-AsyncOperation").replace(first.url(), second.url());
        assertThat(again.get(poll).json().path("status").asString()).isEqualTo("InProgress");
        assertThat(again.reachable("203.0.113.7", "web-02", 22).path("reachable").asBoolean())
            .isFalse();
        second.server().clock().advance(Duration.ofHours(1));
        assertThat(again.get(poll).json().path("status").asString()).isEqualTo("Succeeded");
        assertThat(again.reachable("203.0.113.7", "web-02", 22).path("reachable").asBoolean())
            .isTrue();
      }
    }
  }
}
