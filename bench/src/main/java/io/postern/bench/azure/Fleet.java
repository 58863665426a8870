package io.postern.bench.azure;

import io.postern.azure.cloud.ArmPipeline;
import io.postern.azure.cloud.AzureAdapter;
import io.postern.azure.cloud.Observation;
import io.postern.azure.domain.AzureStep;
import io.postern.bench.Ledger;
import io.postern.enforcement.ScopeWorker;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Marks;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Scope;
import io.postern.simulator.arm.ArmSimulator;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Machines in a simulated subscription and a worker on them. The scene is made ready by a worker
 * without limits; then another one takes over, whose buckets and the simulator's are full.
 */
final class Fleet implements AutoCloseable {
  static final Scope SCOPE = Scope.azure(Scenery.SUBSCRIPTION);
  private static final PolicyId POLICY = new PolicyId("bench");
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  final ArmSimulator simulator;
  final List<List<MachineId>> machines;
  final Ledger ledger = new Ledger(policy());
  private ScopeWorker<Observation, AzureStep> worker;

  /**
   * @param latency how long Azure's operations take once limits hold
   */
  Fleet(int groups, int machinesOfGroup, Duration latency) {
    simulator = ArmSimulator.start(ArmSimulator.Options.defaults().withLatency(latency, latency));
    machines = Scenery.put(simulator, groups, machinesOfGroup);
    worker = worker(false);
    await(() -> ledger.locked.size() == groups * machinesOfGroup);
  }

  private ScopeWorker<Observation, AzureStep> worker(boolean paced) {
    Clock clock = Clock.systemUTC();
    AzureAdapter adapter =
        new AzureAdapter(
            ArmPipeline.unauthenticated(clock, paced),
            URI.create(simulator.url()),
            new Marks("bench", new byte[32]),
            clock,
            new AzureAdapter.Waiting(
                Duration.ofMillis(500), Duration.ofMinutes(1), Duration.ofMinutes(1)));
    return new ScopeWorker<>(
            SCOPE,
            adapter,
            ledger,
            ledger::record,
            ledger,
            clock,
            new WorkerSettings(Duration.ofHours(1), 16, Bounds.DEFAULT, DriftLimits.DEFAULT))
        .start();
  }

  /**
   * A worker that keeps Azure's limits, on a simulator that enforces them. What the new worker read
   * to find its way came out of the buckets; they are let fill up again.
   */
  void limit() {
    int locked = ledger.locked.size();
    int opened = ledger.opened.size();
    worker.close();
    ledger.locked.clear();
    ledger.opened.clear();
    worker = worker(true);
    await(() -> ledger.locked.size() == locked && ledger.opened.size() == opened);
    pause(Duration.ofSeconds(11));
    simulator.server().journal().clear();
    setting("throttling", "true");
  }

  private void setting(String name, String value) {
    Http.post(simulator.url() + "/_simulator/settings", "{\"%s\":%s}".formatted(name, value));
  }

  private static Policy policy() {
    return new Policy(
        POLICY,
        1,
        List.of(
            new MachineSelector.Azure(
                Optional.of(Scenery.SUBSCRIPTION), Optional.empty(), Map.of(), Optional.empty())),
        List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.LOCK,
        32,
        128);
  }

  static Grant grant(MachineId machine, int number) {
    RequestId request = new RequestId(UUID.randomUUID());
    Instant now = Instant.now();
    return new Grant(
        GrantId.of(request, machine),
        request,
        machine,
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.%d.%d".formatted(113 + number / 250, 1 + number % 250))),
        now,
        now.plus(Duration.ofHours(1)),
        POLICY,
        Optional.empty(),
        false);
  }

  /** So many grants on the first machine of each of the groups from one to before another. */
  List<Grant> grants(int fromGroup, int toGroup, int each) {
    List<Grant> grants = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      for (int g = fromGroup; g < toGroup; g++) {
        grants.add(grant(machines.get(g).getFirst(), i));
      }
    }
    return grants;
  }

  void put(Grant grant) {
    ledger.put(grant);
    worker.lookAgain(grant.machine());
  }

  void end(Grant grant) {
    put(grant.ended(Grant.End.USER_REQUESTED));
  }

  /** Gives the grants evenly over a time; how long it takes until all are open, in seconds. */
  double open(List<Grant> grants, Duration over) {
    long start = System.nanoTime();
    spread(grants, over, this::put);
    await(() -> ledger.opened.containsAll(ids(grants)));
    return (System.nanoTime() - start) / 1e9;
  }

  /** Ends the grants all at one instant; how long it takes until all are closed, in seconds. */
  double end(List<Grant> grants) {
    long start = System.nanoTime();
    grants.forEach(g -> ledger.put(g.ended(Grant.End.USER_REQUESTED)));
    grants.stream().map(Grant::machine).distinct().forEach(worker::lookAgain);
    await(() -> ledger.closed.containsAll(ids(grants)));
    return (System.nanoTime() - start) / 1e9;
  }

  private static List<GrantId> ids(List<Grant> grants) {
    return grants.stream().map(Grant::id).toList();
  }

  /** Does something with each of them, evenly over a time. */
  static void spread(List<Grant> grants, Duration over, java.util.function.Consumer<Grant> action) {
    long start = System.nanoTime();
    for (int i = 0; i < grants.size(); i++) {
      long due = start + over.toNanos() / grants.size() * i;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      action.accept(grants.get(i));
    }
  }

  void lookAtEverything() {
    worker.lookAtEverything();
  }

  static void pause(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    await(() -> System.nanoTime() > until);
  }

  static void await(BooleanSupplier done) {
    long give = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > give) {
        throw new IllegalStateException("does not come to an end");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  /** Calls since the journal was cleared, of these methods. */
  long calls(String... methods) {
    Set<String> wanted = Set.of(methods);
    return simulator.server().journal().entries().stream()
        .filter(e -> wanted.contains(e.request().method()))
        .count();
  }

  long writes() {
    return calls("PUT", "DELETE");
  }

  /** Answers that said: too many requests; locks do not occur with one writer. */
  long throttled() {
    return simulator.server().journal().entries().stream()
        .filter(e -> e.response().status() == 429)
        .count();
  }

  @Override
  public void close() {
    worker.close();
    simulator.close();
  }
}
