package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The demo, killed without warning within each of its steps, and the system started on its data.
 */
class DemoKillE2E {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static List<String> untouched;

  @TempDir Path home;
  private SystemProcess system;

  @RegisterExtension
  final TestExecutionExceptionHandler tells =
      (context, failure) -> {
        throw system.explained(failure);
      };

  @BeforeAll
  static void look() throws IOException, InterruptedException {
    untouched = SystemProcess.untouchedRules();
  }

  @BeforeEach
  void create() {
    system = new SystemProcess(home);
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    system.end();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void whateverStepTheDemoDiesInEverythingClosesAndNothingIsLeftOver(int step) throws Exception {
    killWithin(step);

    system.up();
    PosternClient admin = system.client("root", "admins");
    await().atMost(LIMIT).untilAsserted(() -> assertEverythingEnded(admin));
    if (admin.get("/api/v1/policies/demo-web").status() == 200) {
      // Locked, but for what comes before our rules in Azure as long as the policy does not say
      // otherwise: in AWS there is no such thing.
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(system.passes("203.0.113.7").get(1)).isFalse());
      admin.call("DELETE", "/api/v1/policies/demo-web", "", Map.of());
    }
    await().atMost(LIMIT).untilAsserted(() -> assertThat(system.rules()).isEqualTo(untouched));
    await().atMost(LIMIT).untilAsserted(() -> assertThat(system.ownGroups()).isEmpty());
    assertThat(system.passes("192.0.2.66")).containsExactly(true, true);
  }

  /** Right behind the first thing that the step shows: it is under way then, and not finished. */
  private void killWithin(int step) throws IOException, InterruptedException {
    try (BufferedReader lines = system.demo()) {
      boolean within = false;
      String line;
      while ((line = lines.readLine()) != null) {
        JsonNode shown = line.startsWith("{") ? JSON.readTree(line) : JSON.createObjectNode();
        String type = shown.path("type").asString("");
        if (type.equals("heading")) {
          within = shown.path("text").asString("").startsWith(step + ".");
        } else if (within && type.equals("step")) {
          assertThat(shown.path("holds").asBoolean(false)).as(line).isTrue();
          system.kill();
          return;
        }
      }
    }
    throw new AssertionError("the demo ended before step " + step);
  }

  private static void assertEverythingEnded(PosternClient admin)
      throws IOException, InterruptedException {
    JsonNode requests = admin.get("/api/v1/requests").body().path("items");
    assertThat(requests.valueStream().map(r -> r.path("state").asString("?")))
        .allMatch(s -> s.equals("GRANTED") || s.equals("DENIED"));
    JsonNode grants = admin.get("/api/v1/grants").body().path("items");
    assertThat(grants.valueStream().map(g -> g.path("state").asString("?")))
        .allMatch(s -> s.equals("CLOSED"));
  }
}
