package io.postern.azure.cloud;

import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Eight enforcers of eight installations and a foreign hand, all at one group. */
class RacingWritersTest extends SimulatedAzure {
  private static final int ENFORCERS = 8;
  private static final int GRANTS = 6;
  private static final int FOREIGN = 20;
  private static final RuleSetId NSG = nsgId("web-02-nsg");
  private static final Instant DEADLINE = Instant.now().plus(Duration.ofMinutes(3));

  /** One installation with an adapter and a loop of its own. */
  private final class Rival implements Callable<Void> {
    private final Reconciler<Observation, AzureStep> reconciler;
    private final MachineFacts machine;
    private final boolean close;
    private final List<Grant> grants;

    Rival(int number, MachineFacts machine, boolean close) {
      AzureAdapter adapter =
          new AzureAdapter(
              ArmPipeline.unauthenticated(Clock.systemUTC(), false),
              URI.create(simulator.url()),
              new Marks("rival-" + number, new byte[32]),
              Clock.systemUTC(),
              new AzureAdapter.Waiting(Duration.ofMillis(10), PATIENCE, PATIENCE));
      this.reconciler = new Reconciler<>(adapter, (s, r, p) -> {}, DriftLimits.DEFAULT);
      this.machine = machine;
      this.close = close;
      this.grants =
          java.util.stream.IntStream.range(0, GRANTS)
              .mapToObj(i -> grant(machine, number * GRANTS + i))
              .toList();
    }

    @Override
    public Void call() {
      List<Grant> live = new ArrayList<>();
      for (Grant g : grants) {
        live.add(g);
        settle(live);
      }
      if (close) {
        settle(List.of());
      }
      return null;
    }

    private void settle(List<Grant> live) {
      RuleSetIntent intent =
          Samples.intent(
              "web-02-nsg",
              new MachineIntent(
                  machine, Optional.of(lock(false, PortSpec.tcp(22))), List.copyOf(live)));
      RuleSetReport report;
      do {
        assertThat(Instant.now()).as("does not settle").isBefore(DEADLINE);
        report = reconciler.reconcile(intent);
      } while (report.trouble().isPresent());
      assertThat(report.refusedGrants()).isEmpty();
    }
  }

  private static Grant grant(MachineFacts machine, int number) {
    RequestId request = new RequestId(new UUID(7, number));
    return new Grant(
        GrantId.of(request, machine.id()),
        request,
        machine.id(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113." + number)),
        NOW,
        NOW.plusSeconds(900),
        new PolicyId("ssh"),
        Optional.empty(),
        false);
  }

  private void race(boolean closing) throws Exception {
    MachineFacts machine = machine("web-02");
    simulator("settings", "{\"operationLatency\":\"PT0.01S\"}");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < ENFORCERS; i++) {
        running.add(threads.submit(new Rival(i, machine, closing)));
      }
      running.add(
          threads.submit(
              () -> {
                for (int i = 0; i < FOREIGN; i++) {
                  String id = NSG + "/securityRules/theirs-" + i;
                  foreign("PUT", id, rule("Allow", 3000 + i, "192.0.2." + i, "443"));
                }
              }));
      for (Future<?> f : running) {
        f.get();
      }
    }
    simulator("settings", "{\"operationLatency\":\"PT0S\"}");
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (JsonNode rule : document(NSG).path("properties").path("securityRules")) {
      names.add(rule.path("name").asString());
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOCK_429", "CONFLICT_409", "SUPERSEDE"})
  void noRuleIsLost(String racingWrites) throws Exception {
    simulator("settings", "{\"racingWrites\":\"%s\"}".formatted(racingWrites));
    race(false);
    List<String> names = names();
    assertThat(names).filteredOn(n -> n.startsWith("theirs-")).hasSize(FOREIGN);
    assertThat(names).filteredOn(n -> n.startsWith("postern-allow-")).hasSize(ENFORCERS * GRANTS);
    assertThat(names).filteredOn(n -> n.startsWith("postern-deny-")).hasSize(ENFORCERS);
    assertThat(names).contains("allow-https").doesNotHaveDuplicates();
    for (int i = 0; i < ENFORCERS * GRANTS; i++) {
      assertThat(isReachable("203.0.113." + i, "web-02", 22)).isTrue();
    }
    assertThat(isReachable("203.0.113.250", "web-02", 22)).isFalse();
  }

  @Test
  void everyRivalClosesItsOwnOnly() throws Exception {
    race(true);
    assertThat(names()).filteredOn(n -> n.startsWith("theirs-")).hasSize(FOREIGN);
    assertThat(names()).noneMatch(n -> n.startsWith("postern-allow-"));
    assertThat(names()).filteredOn(n -> n.startsWith("postern-deny-")).hasSize(ENFORCERS);
  }

  @Test
  void whatSomebodyElseDeletesStaysDeleted() {
    String theirs = NSG + "/securityRules/theirs";
    write(theirs, rule("Allow", 3000, "192.0.2.1", "443"));
    MachineFacts machine = machine("web-02");
    RuleSetIntent intent =
        Samples.intent(
            "web-02-nsg",
            new MachineIntent(
                machine, Optional.of(lock(false, PortSpec.tcp(22))), List.of(grant(machine, 1))));
    ObjectNode without = (ObjectNode) document(NSG);
    ArrayNode rules = (ArrayNode) without.path("properties").path("securityRules");
    rules.removeIf(r -> r.path("name").asString().equals("theirs"));
    simulator("settings", "{\"operationLatency\":\"PT0.3S\"}");
    write(NSG.toString(), without.toString());
    Observation observed = observe(intent);
    assertThat(names()).as("is still being deleted").contains("theirs");
    while (names().contains("theirs")) {
      Thread.onSpinWait();
    }
    Outcome outcome = azure.apply(intent, observed, azure.plan(intent, observed).steps());
    assertThat(outcome).isEqualTo(new Outcome.Applied());
    assertThat(names())
        .doesNotContain("theirs")
        .anyMatch(n -> n.startsWith("postern-allow-"))
        .anyMatch(n -> n.startsWith("postern-deny-"));
  }
}
