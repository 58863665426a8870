package io.postern.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code --assess}, with neither log nor key. */
class AssessTest {
  private final ArmSimulator simulator = ArmSimulator.start(ArmSimulator.Options.defaults());
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private int assess(String... more) {
    ArmScene.small(simulator);
    List<String> args =
        Stream.concat(
                Stream.of(
                    "--assess",
                    "--postern.azure.endpoint=" + simulator.url(),
                    "--postern.azure.credential=simulator",
                    "--postern.azure.scopes=" + ArmScene.SUBSCRIPTION),
                Stream.of(more))
            .toList();
    return AzureEnforcerApplication.assess(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args.toArray(String[]::new));
  }

  private List<String> printed() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void printsTheTableTheWorstFirstAndWritesNothing() {
    assertThat(assess()).isZero();
    assertThat(printed().getFirst()).matches("MACHINE +ASSESSMENT +SEVERITY +REASON +SCOPE");
    assertThat(printed().get(1))
        .matches(
            "web-01 +UNHEALTHY +CRITICAL +web-01-nsg/customer-allow-ssh allows 22/TCP +azure:.*");
    assertThat(printed()).hasSize(4);
    assertThat(printed().get(2)).contains("HEALTHY", "LOW");
    assertThat(simulator.server().journal().entries()).isNotEmpty();
    assertThat(simulator.server().journal().entries())
        .allSatisfy(e -> assertThat(e.request().method()).isEqualTo("GET"));
  }

  @Test
  void printsTheSameAsJsonLinesInTheModeThatIsAskedFor() {
    assertThat(assess("--json", "--postern.assessment.mode=strict")).isZero();
    List<JsonNode> machines =
        printed().stream().map(line -> JsonMapper.shared().readTree(line)).toList();
    assertThat(machines).map(m -> m.path("name").asString()).startsWith("web-01").hasSize(3);
    JsonNode web = machines.getFirst();
    assertThat(web.path("mode").asString()).isEqualTo("STRICT");
    assertThat(web.path("reasonCode").asString()).isEqualTo("OPEN_TO_THE_WORLD");
    JsonNode from = web.path("exposure").path(0).path("reachableFrom").path(0);
    assertThat(from.path("rules").path(0).path("rule").asString()).isEqualTo("customer-allow-ssh");
  }

  @Test
  void aScopeThatCannotBeReadIsNamed() {
    assertThat(assess("--postern.azure.scopes=00000000-0000-0000-0000-0000000000ff")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("azure:00000000-0000-0000-0000-0000000000ff cannot be read: ");
  }
}
