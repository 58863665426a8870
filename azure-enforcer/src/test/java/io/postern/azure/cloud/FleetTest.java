package io.postern.azure.cloud;

import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.SUBSCRIPTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.enforcement.Reporter;
import io.postern.enforcement.ScopeInputs;
import io.postern.enforcement.ScopeWorker;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import io.postern.simulator.arm.ArmScene;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** A scope's worker on a fleet, while the cloud misbehaves. */
class FleetTest extends SimulatedAzure {
  private static final int MACHINES = 60;
  private static final PolicyId POLICY = new PolicyId("fleet");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final MachineSelector FLEET =
      new MachineSelector.Azure(
          Optional.of(SUBSCRIPTION), Optional.of("fleet"), Map.of(), Optional.empty());

  private volatile MachineSelector selected = FLEET;
  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Map<GrantId, Grant> grants = new ConcurrentHashMap<>();
  private final Map<RuleSetId, RestorePoint> restorePoints = new ConcurrentHashMap<>();
  private final Set<GrantId> opened = ConcurrentHashMap.newKeySet();
  private final Set<GrantId> closed = ConcurrentHashMap.newKeySet();
  private final Set<MachineId> locked = ConcurrentHashMap.newKeySet();
  private final Set<MachineId> lifted = ConcurrentHashMap.newKeySet();
  private final Set<String> gaveUp = ConcurrentHashMap.newKeySet();
  private final Set<String> drifts = ConcurrentHashMap.newKeySet();
  private volatile boolean policy = true;

  private final ScopeInputs inputs =
      new ScopeInputs() {
        @Override
        public Collection<Policy> policies() {
          return policy ? List.of(everything()) : List.of();
        }

        @Override
        public List<Grant> grants() {
          return List.copyOf(grants.values());
        }

        @Override
        public List<Grant> grantsOf(MachineId machine) {
          return grants.values().stream().filter(g -> g.machine().equals(machine)).toList();
        }

        @Override
        public Optional<RestorePoint> restorePoint(RuleSetId ruleSet) {
          return Optional.ofNullable(restorePoints.get(ruleSet));
        }

        @Override
        public Set<RuleSetId> recordedRuleSets() {
          return Set.copyOf(restorePoints.keySet());
        }
      };

  private final Reporter reporter =
      new Reporter() {
        @Override
        public void report(Scope scope, Report report) {
          switch (report) {
            case Report.Opened o -> opened.add(o.grant().id());
            case Report.Closed c -> closed.add(c.grant().id());
            case Report.Locked l -> locked.add(l.machine().id());
            case Report.Lifted l -> lifted.add(l.machine().id());
            case Report.Failed f -> {
              if (!f.willRetry()) {
                gaveUp.add(f.message());
              }
            }
            case Report.Drifted d -> drifts.add(d.toString());
            case Report.Planned p -> throw new AssertionError(p);
          }
        }

        @Override
        public void assessed(MachineFacts machine, Posture posture, Instant at) {}

        @Override
        public void gone(MachineId machine) {}
      };

  private Policy everything() {
    return new Policy(
        POLICY,
        1,
        List.of(selected),
        List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(1))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.OVERRIDE,
        Policy.SharedGroups.REFUSE,
        32,
        128);
  }

  private void misbehave(Random random) {
    List<String> kinds = List.of("LOST_ANSWER", "RESET", "ERROR_AFTER", "ERROR_BEFORE");
    for (int i = 0; i < 30; i++) {
      simulator(
          "faults",
          """
          {"action":"*","nth":%d,"kind":"%s","status":%d}"""
              .formatted(
                  1 + random.nextInt(300),
                  kinds.get(random.nextInt(kinds.size())),
                  random.nextBoolean() ? 500 : 409));
      simulator(
          "operations",
          """
          {"action":"* networkSecurityGroups*","nth":%d,"outcome":"%s","latency":"PT0.05S"}"""
              .formatted(1 + random.nextInt(100), random.nextBoolean() ? "FAILED" : "CANCELED"));
    }
  }

  private Grant grant(MachineFacts machine, int n, Duration length) {
    RequestId request = new RequestId(UUID.nameUUIDFromBytes(new byte[] {(byte) n}));
    Instant now = Instant.now();
    return new Grant(
        GrantId.of(request, machine.id()),
        request,
        machine.id(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113." + n)),
        now,
        now.plus(length),
        POLICY,
        Optional.empty(),
        false);
  }

  private static MachineId fleetMachine(String name) {
    return new MachineId(
        "/subscriptions/"
            + SUBSCRIPTION
            + "/resourceGroups/fleet/providers/Microsoft.Compute/virtualMachines/"
            + name);
  }

  private boolean reaches(MachineId machine, String source) {
    return simulator(
            "reachable",
            """
            {"source":"%s","machine":"%s","port":22,"protocol":"TCP"}"""
                .formatted(source, machine))
        .path("reachable")
        .asBoolean();
  }

  private ScopeWorker<?, ?> worker(WorkerSettings settings) {
    return new ScopeWorker<>(
            SCOPE,
            azure,
            inputs,
            (scope, ruleSet, point) ->
                point.ifPresentOrElse(
                    p -> restorePoints.put(ruleSet, p), () -> restorePoints.remove(ruleSet)),
            reporter,
            Clock.systemUTC(),
            settings)
        .start();
  }

  /** 300 lock-downs take a minute within Azure's limits; a grant's end does not wait for them. */
  @Test
  void closingDoesNotQueueBehindALockDown() throws Exception {
    ArmScene.fleet(simulator, 300);
    azure = adapter(true);
    simulator("settings", "{\"throttling\":true}");
    String one = "vm-0299";
    selected = new MachineSelector.ById(fleetMachine(one));
    MachineFacts facts =
        azure.inventory(SCOPE).stream().filter(m -> m.name().equals(one)).findFirst().orElseThrow();
    Grant g = grant(facts, 7, Duration.ofMinutes(10));
    grants.put(g.id(), g);
    try (ScopeWorker<?, ?> worker = worker(WorkerSettings.DEFAULT)) {
      await().atMost(PATIENCE).until(() -> opened.contains(g.id()));
      selected = FLEET;
      worker.lookAtEverything();
      await().atMost(PATIENCE).until(() -> locked.size() > 20);
      grants.put(g.id(), g.ended(Grant.End.USER_REQUESTED));
      worker.lookAgain(g.machine());
      await().atMost(Duration.ofSeconds(10)).until(() -> closed.contains(g.id()));
      assertThat(locked.size()).isLessThan(300);
      assertThat(reaches(g.machine(), "203.0.113.7")).isFalse();
    }
    assertThat(simulator.server().journal().entries()).noneMatch(e -> e.response().status() == 429);
  }

  @Test
  void everyGrantOpensAndEveryGrantCloses() throws Exception {
    ArmScene.fleet(simulator, MACHINES);
    List<MachineFacts> fleet =
        azure.inventory(SCOPE).stream().filter(m -> m.name().startsWith("vm-")).toList();
    WorkerSettings settings =
        new WorkerSettings(Duration.ofSeconds(2), 16, Bounds.DEFAULT, DriftLimits.DEFAULT);
    misbehave(new Random(seed));
    try (ScopeWorker<?, ?> worker = worker(settings)) {
      await().atMost(PATIENCE).until(() -> locked.size() == MACHINES);

      for (int i = 0; i < MACHINES; i++) {
        Grant g = grant(fleet.get(i), i, Duration.ofMinutes(10));
        grants.put(g.id(), g);
        worker.lookAgain(g.machine());
      }
      misbehave(new Random(seed + 1));
      await("seed " + seed).atMost(PATIENCE).until(() -> opened.size() == MACHINES);
      for (int i = 0; i < MACHINES; i++) {
        assertThat(reaches(fleet.get(i).id(), "203.0.113." + i)).isTrue();
        assertThat(reaches(fleet.get(i).id(), "203.0.113." + (i + 1))).isFalse();
      }

      misbehave(new Random(seed + 2));
      grants.replaceAll((id, g) -> g.ended(Grant.End.USER_REQUESTED));
      fleet.forEach(m -> worker.lookAgain(m.id()));
      await("seed " + seed).atMost(PATIENCE).until(() -> closed.size() == MACHINES);
      for (int i = 0; i < MACHINES; i++) {
        assertThat(reaches(fleet.get(i).id(), "203.0.113." + i)).isFalse();
      }

      policy = false;
      worker.lookAtEverything();
      await("seed " + seed).atMost(PATIENCE).until(() -> lifted.size() == MACHINES);
      await("seed " + seed).atMost(PATIENCE).until(restorePoints::isEmpty);
      assertThat(gaveUp).isEmpty();
      assertThat(drifts).as("our own hand").isEmpty();
    }
  }
}
