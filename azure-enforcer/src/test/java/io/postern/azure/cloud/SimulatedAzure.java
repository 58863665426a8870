package io.postern.azure.cloud;

import io.postern.azure.Samples;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The quickstart's scene in a fresh simulator, and the adapter that works on it. */
abstract class SimulatedAzure {
  static final Duration PATIENCE = Duration.ofSeconds(2);

  final ArmSimulator simulator = ArmSimulator.start(ArmSimulator.Options.defaults());
  final HttpClient http = HttpClient.newHttpClient();
  AzureAdapter azure = adapter();

  /** Whether Azure's limits are kept beforehand. */
  boolean isPaced() {
    return false;
  }

  AzureAdapter adapter() {
    return adapter(isPaced());
  }

  AzureAdapter adapter(boolean paced) {
    return adapter(paced, Mode.DEFENDER);
  }

  AzureAdapter adapter(boolean paced, Mode mode) {
    return new AzureAdapter(
        ArmPipeline.unauthenticated(Clock.systemUTC(), paced),
        URI.create(simulator.url()),
        Samples.MARKS,
        Clock.systemUTC(),
        new AzureAdapter.Waiting(Duration.ofMillis(50), PATIENCE, PATIENCE),
        mode);
  }

  @BeforeEach
  void setScene() {
    ArmScene.small(simulator);
  }

  @AfterEach
  void close() {
    simulator.close();
  }

  MachineFacts machine(String name) {
    try {
      return azure.inventory(Samples.SCOPE).stream()
          .filter(m -> m.name().equals(name))
          .findFirst()
          .orElseThrow();
    } catch (CloudException e) {
      throw new IllegalStateException(e);
    }
  }

  RuleSetIntent intent(String nsg, String machine, Optional<Lock> lock, Grant... grants) {
    return Samples.intent(nsg, new MachineIntent(machine(machine), lock, List.of(grants)));
  }

  Observation observe(RuleSetIntent intent) {
    try {
      return azure.observe(intent);
    } catch (CloudException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** One pass: read, plan, write. */
  Outcome pass(RuleSetIntent intent) {
    Observation observed = observe(intent);
    Plan<AzureStep> plan = azure.plan(intent, observed);
    return plan.steps().isEmpty()
        ? new Outcome.Applied()
        : azure.apply(intent, observed, plan.steps());
  }

  /** Passes until nothing is left to do. */
  Assessment settle(RuleSetIntent intent) {
    for (int i = 0; i < 10; i++) {
      Observation observed = observe(intent);
      Plan<AzureStep> plan = azure.plan(intent, observed);
      if (plan.steps().isEmpty()) {
        return azure.assess(intent, observed);
      }
      azure.apply(intent, observed, plan.steps());
    }
    throw new IllegalStateException("does not settle");
  }

  JsonNode reachable(String source, String machine, int port) {
    return simulator(
        "reachable",
        """
        {"source":"%s","machine":"%s","port":%d,"protocol":"TCP"}"""
            .formatted(source, Samples.machineId(machine), port));
  }

  boolean isReachable(String source, String machine, int port) {
    return reachable(source, machine, port).path("reachable").asBoolean();
  }

  JsonNode simulator(String call, String body) {
    return send("POST", "/_simulator/" + call, body);
  }

  /** Somebody else changes a resource. */
  void foreign(String method, String id, String body) {
    simulator(
        "foreign", "{\"method\":\"%s\",\"id\":\"%s\",\"body\":%s}".formatted(method, id, body));
  }

  JsonNode document(RuleSetId nsg) {
    return send("GET", nsg + "?api-version=2025-03-01", "");
  }

  /** Writes a resource through Resource Manager. */
  void write(String id, String body) {
    JsonNode answer = send("PUT", id + "?api-version=2025-03-01", body);
    if (answer.has("error")) {
      throw new AssertionError(id + ": " + answer);
    }
  }

  JsonNode get(String path) {
    return send("GET", path, "");
  }

  private JsonNode send(String method, String path, String body) {
    try {
      String answer =
          http.send(
                  HttpRequest.newBuilder(URI.create(simulator.url() + path))
                      .method(method, HttpRequest.BodyPublishers.ofString(body))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      return JsonMapper.shared().readTree(answer.isEmpty() ? "{}" : answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the adapter sent, for example {@code GET networkSecurityGroups}. */
  List<String> actions() {
    return simulator.server().journal().entries().stream().map(e -> e.action()).toList();
  }

  static String rule(String access, int priority, String source, String port) {
    return """
        {"properties":{"protocol":"Tcp","access":"%s","direction":"Inbound","priority":%d,
        "sourceAddressPrefix":"%s","sourcePortRange":"*","destinationAddressPrefix":"*",
        "destinationPortRange":"%s","unknownMember":{"kept":[1,2.5,null]}}}"""
        .formatted(access, priority, source, port);
  }
}
