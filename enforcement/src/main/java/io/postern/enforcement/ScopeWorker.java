package io.postern.enforcement;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.RestorePointStore;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Intents;
import io.postern.enforcement.domain.KnownMachines;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.MachineLedger;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Rehearsal;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.log.Trace;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one scope. A coordinator thread decides which rule sets to look at and what to tell;
 * each look runs on a thread of its own, one at a time per rule set, so that a rule set whose cloud
 * hangs holds up no other. Signals only say "look again": a lost, doubled or late one changes
 * nothing, and the coordinator wakes by itself at the start and the end of every grant.
 */
public final class ScopeWorker<O, S> implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ScopeWorker.class);
  private static final Duration INVENTORY_PAUSE = Duration.ofSeconds(2);
  // Longer than what follows a lease, up to its open port; nobody reads assessments by the clock.
  private static final Duration SETTLING = Duration.ofMillis(50);

  private sealed interface Signal {
    record Machine(MachineId id) implements Signal {}

    record Everything() implements Signal {}

    record Rehearse(Rehearsal rehearsal) implements Signal {}

    record Done(RuleSetId ruleSet, RuleSetReport report) implements Signal {}

    record Scanned(List<MachineFacts> machines, Instant begunAt) implements Signal {}

    record ScanFailed(String why) implements Signal {}
  }

  private final Scope scope;
  private final CloudAdapter<O, S> cloud;
  private final Reconciler<O, S> reconciler;
  private final Rehearser<O, S> rehearser;
  private final ScopeInputs inputs;
  private final Reporter reporter;
  private final Clock clock;
  private final WorkerSettings settings;
  private final Duration inventoryPause;
  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final ExecutorService lookers = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore permits;
  // Closing never queues behind a fleet's lock-down.
  private final Semaphore closingPermits;
  private final Thread coordinator;
  private volatile boolean closed;
  private volatile Instant oldestOverdue = Instant.MAX;

  // Touched by the coordinator only.
  private final KnownMachines machines = new KnownMachines();
  private final Map<RuleSetId, RuleSetWork> work = new HashMap<>();
  private final Teller teller;
  private final Assessor assessor;
  private final Map<MachineId, Instant> lookedAt = new HashMap<>();
  private final Map<GrantId, Long> overSince = new HashMap<>();
  private final Set<MachineId> unsettled = new HashSet<>();
  private final List<Rehearsal> rehearsals = new ArrayList<>();
  private long sequence;
  private boolean scanning;
  private boolean scanWanted = true;
  private Instant nextScan = Instant.MIN;
  private Instant nextPeriodicScan = Instant.MIN;
  private Instant nextResync = Instant.MIN;
  private Instant lastLook = Instant.MIN;

  public ScopeWorker(
      Scope scope,
      CloudAdapter<O, S> cloud,
      ScopeInputs inputs,
      RestorePointStore restorePoints,
      Reporter reporter,
      Clock clock,
      WorkerSettings settings) {
    this(scope, cloud, inputs, restorePoints, reporter, clock, settings, INVENTORY_PAUSE);
  }

  /**
   * One that lets another time go by between two scans.
   *
   * @param inventoryPause from the end of a scan to the next one, however much it is wanted
   */
  ScopeWorker(
      Scope scope,
      CloudAdapter<O, S> cloud,
      ScopeInputs inputs,
      RestorePointStore restorePoints,
      Reporter reporter,
      Clock clock,
      WorkerSettings settings,
      Duration inventoryPause) {
    this.scope = scope;
    this.cloud = cloud;
    this.reconciler = new Reconciler<>(cloud, restorePoints, settings.drift());
    this.rehearser = new Rehearser<>(cloud);
    this.teller =
        new Teller(scope, cloud::carriesGrants, cloud::unfiltered, settings.bounds(), reporter);
    this.assessor =
        new Assessor(
            scope.value(), cloud::posture, reporter, settings.assessmentRefresh(), SETTLING);
    this.inputs = inputs;
    this.reporter = reporter;
    this.clock = clock;
    this.settings = settings;
    this.inventoryPause = inventoryPause;
    this.permits = new Semaphore(settings.parallelRuleSets());
    this.closingPermits = new Semaphore(settings.parallelRuleSets());
    this.coordinator = new Thread(this::run, "scope-" + scope);
    coordinator.setDaemon(true);
  }

  public ScopeWorker<O, S> start() {
    assessor.start();
    coordinator.start();
    return this;
  }

  /** Something about the machine's grants may have changed. */
  public void lookAgain(MachineId machine) {
    signals.add(new Signal.Machine(machine));
  }

  /** A policy may have changed. */
  public void lookAtEverything() {
    signals.add(new Signal.Everything());
  }

  /** Somebody wants to know what a policy would write: told once the machines are known. */
  public void rehearse(Rehearsal rehearsal) {
    signals.add(new Signal.Rehearse(rehearsal));
  }

  @Override
  public void close() {
    closed = true;
    coordinator.interrupt();
    lookers.shutdownNow();
    try {
      coordinator.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assessor.close();
  }

  private void run() {
    while (!closed) {
      try {
        List<Signal> batch = await();
        Instant now = clock.instant();
        batch.forEach(s -> take(s, now));
        resync(now);
        grantsThatChange(now);
        scan(now);
        dispatch(now);
        settle(now);
        rehearse(now);
        noteOverdue(now);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        LOGGER
            .atError()
            .addKeyValue("scope", scope)
            .setCause(e)
            .log("a pass failed, the next one follows");
        lookAtEverything();
        pauseAfterFailure();
      }
    }
  }

  private void noteOverdue(Instant now) {
    oldestOverdue =
        inputs.grants().stream()
            .filter(g -> !g.closed() && !now.isBefore(g.expiresAt()))
            .filter(g -> mayBeOpen(teller.phase(g)))
            .map(Grant::expiresAt)
            .min(Instant::compareTo)
            .orElse(Instant.MAX);
  }

  private static boolean mayBeOpen(MachineLedger.Phase phase) {
    return phase == MachineLedger.Phase.PENDING || phase == MachineLedger.Phase.OPENED;
  }

  /**
   * How long a port of this scope has stood open past its grant's end, or may have: until a look
   * has shown that it is closed it counts as open. Zero when none does. Grows even while the
   * coordinator hangs.
   */
  public Duration overdue() {
    Duration overdue = Duration.between(oldestOverdue, clock.instant());
    return overdue.isNegative() ? Duration.ZERO : overdue;
  }

  private void pauseAfterFailure() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Signal> await() throws InterruptedException {
    List<Signal> batch = new ArrayList<>();
    Duration wait = Duration.between(clock.instant(), nextWake());
    Signal first =
        wait.isPositive() ? signals.poll(wait.toNanos(), TimeUnit.NANOSECONDS) : signals.poll();
    if (first != null) {
      batch.add(first);
    }
    signals.drainTo(batch);
    return batch;
  }

  private Instant nextWake() {
    Instant wake = nextResync;
    if (!scanning) {
      wake = earlier(wake, scanWanted ? nextScan : nextPeriodicScan);
    }
    wake = Intents.nextChange(inputs.grants(), lastLook).map(earlierThan(wake)).orElse(wake);
    for (RuleSetWork w : work.values()) {
      if (w.dirty && !w.running && !w.waitsForRoom && !machines.wantsConfirmation()) {
        wake = earlier(wake, w.dueAt());
      }
    }
    return wake;
  }

  private static java.util.function.UnaryOperator<Instant> earlierThan(Instant other) {
    return i -> earlier(i, other);
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private void take(Signal signal, Instant now) {
    switch (signal) {
      case Signal.Machine m -> grantsChanged(m.id());
      case Signal.Everything e -> {
        nextResync = Instant.MIN;
        scanWanted = true;
      }
      case Signal.Rehearse r -> rehearsals.add(r.rehearsal());
      case Signal.Done d -> {
        work.computeIfAbsent(d.ruleSet(), r -> new RuleSetWork()).finished(d.report(), now);
        for (MachineFacts m : machines.membersOf(d.ruleSet())) {
          unsettled.add(m.id());
          lookedAt.put(m.id(), now);
        }
        d.report().drift().ifPresent(drift -> reporter.report(scope, drift));
      }
      case Signal.Scanned s -> scanned(s, now);
      case Signal.ScanFailed f -> {
        scanning = false;
        scanWanted = true;
        nextScan = now.plus(inventoryPause);
        LOGGER
            .atWarn()
            .addKeyValue("scope", scope)
            .addKeyValue("why", f.why())
            .log("scanning failed");
      }
    }
  }

  private void grantsChanged(MachineId machine) {
    touch(machine, cloud::carriesGrants);
  }

  private void touch(MachineId machine, Predicate<RuleSetId> which) {
    unsettled.add(machine);
    machines
        .get(machine)
        .ifPresentOrElse(
            m -> m.ruleSets().stream().filter(which).forEach(this::markDirty),
            () -> scanWanted = true);
  }

  private void markDirty(RuleSetId ruleSet) {
    work.computeIfAbsent(ruleSet, r -> new RuleSetWork()).dirty = true;
  }

  private void resync(Instant now) {
    if (now.isBefore(nextResync)) {
      return;
    }
    nextResync = now.plus(settings.resyncInterval());
    unsettled.addAll(machines.ids());
    inputs.grants().forEach(g -> unsettled.add(g.machine()));
    ruleSetsOfConcern(machines.all()).forEach(this::markDirty);
    inputs.recordedRuleSets().forEach(this::markDirty);
  }

  /**
   * Those of machines that are under just-in-time access or have a grant: what scans see of the
   * others is enough.
   */
  private Set<RuleSetId> ruleSetsOfConcern(Collection<MachineFacts> of) {
    Collection<Policy> policies = inputs.policies();
    Set<MachineId> granted = new HashSet<>();
    inputs.grants().forEach(g -> granted.add(g.machine()));
    Set<RuleSetId> found = new HashSet<>();
    for (MachineFacts m : of) {
      if (granted.contains(m.id()) || policies.stream().anyMatch(p -> p.selects(m))) {
        found.addAll(m.ruleSets());
      }
    }
    return found;
  }

  /** Grants whose time began or ended since the last look: their machines are looked at. */
  private void grantsThatChange(Instant now) {
    List<Grant> grants = inputs.grants();
    Set<GrantId> known = new HashSet<>();
    for (Grant g : grants) {
      known.add(g.id());
      boolean began =
          !g.isOver(now) && g.startsAt().isAfter(lastLook) && !g.startsAt().isAfter(now);
      if (g.isOver(now) && !overSince.containsKey(g.id())) {
        overSince.put(g.id(), sequence);
        grantsChanged(g.machine());
      } else if (began) {
        grantsChanged(g.machine());
      }
    }
    if (overSince.keySet().retainAll(known)) {
      teller.retain(known);
    }
    lastLook = now;
  }

  private void scan(Instant now) {
    scanWanted |= !now.isBefore(nextPeriodicScan);
    if (!scanWanted || scanning || now.isBefore(nextScan)) {
      return;
    }
    scanWanted = false;
    nextPeriodicScan = now.plus(settings.scanInterval());
    scanning = true;
    lookers.execute(
        () -> {
          try {
            signals.add(new Signal.Scanned(cloud.inventory(scope), now));
          } catch (CloudException | RuntimeException e) {
            signals.add(new Signal.ScanFailed(String.valueOf(e.getMessage())));
          }
        });
  }

  private void scanned(Signal.Scanned scan, Instant now) {
    scanning = false;
    nextScan = now.plus(inventoryPause);
    KnownMachines.Changes changes = machines.scanned(scan.machines());
    Set<RuleSetId> concern = ruleSetsOfConcern(changes.changed());
    concern.addAll(inputs.recordedRuleSets());
    changes.changed().forEach(m -> touch(m.id(), concern::contains));
    changes.gone().forEach(this::gone);
    for (MachineFacts m : scan.machines()) {
      unsettled.add(m.id());
      lookedAt.merge(m.id(), scan.begunAt(), (a, b) -> earlier(a, b).equals(a) ? b : a);
    }
    inputs.grants().stream().map(Grant::machine).forEach(unsettled::add);
    // What an earlier life left behind on rule sets of which no machine speaks any more.
    inputs.recordedRuleSets().stream().filter(r -> !work.containsKey(r)).forEach(this::markDirty);
    scanWanted |= machines.wantsConfirmation();
  }

  private void gone(MachineFacts machine) {
    unsettled.add(machine.id());
    machine.ruleSets().forEach(this::markDirty);
    lookedAt.remove(machine.id());
    assessor.gone(machine.id());
  }

  private void dispatch(Instant now) {
    for (Map.Entry<RuleSetId, RuleSetWork> entry : work.entrySet()) {
      RuleSetWork w = entry.getValue();
      w.waitsForRoom = false;
      if (!w.isDue(now) || !machines.knowsMembersOf(entry.getKey())) {
        continue;
      }
      boolean closes = closesSomething(entry.getKey(), now);
      if (!closes && w.putOff(cloud.foldingPause(entry.getKey()), now)) {
        continue;
      }
      Semaphore room = closes ? closingPermits : permits;
      if (!room.tryAcquire()) {
        // The next look that ends makes room; until then this one can still become urgent.
        w.waitsForRoom = true;
        continue;
      }
      w.started(++sequence, now);
      RuleSetIntent intent = intentOf(entry.getKey(), inputs.policies(), now);
      List<String> causes = causesOf(entry.getKey(), now);
      lookers.execute(() -> look(intent, room, causes));
    }
  }

  private boolean closesSomething(RuleSetId ruleSet, Instant now) {
    return machines.membersOf(ruleSet).stream()
        .map(MachineFacts::id)
        .anyMatch(
            m ->
                inputs.grantsOf(m).stream()
                    .anyMatch(
                        g ->
                            g.isOver(now)
                                && !g.closed()
                                && teller.phase(g) != MachineLedger.Phase.CLOSED));
  }

  private RuleSetIntent intentOf(RuleSetId ruleSet, Collection<Policy> policies, Instant now) {
    List<MachineIntent> intents =
        machines.membersOf(ruleSet).stream().map(f -> intentOf(f, policies, now)).toList();
    return new RuleSetIntent(ruleSet, scope, intents, inputs.restorePoint(ruleSet), now);
  }

  private void rehearse(Instant now) {
    if (!machines.isScanned()) {
      return;
    }
    for (Rehearsal rehearsal : rehearsals) {
      Collection<Policy> inForce = inputs.policies();
      List<MachineFacts> concerned =
          machines.all().stream().filter(m -> rehearsal.concerns(m, inForce)).toList();
      Map<RuleSetId, RuleSetIntent> intents = new HashMap<>();
      concerned.stream()
          .flatMap(m -> m.ruleSets().stream())
          .forEach(
              r ->
                  intents.computeIfAbsent(r, id -> intentOf(id, rehearsal.policies(inForce), now)));
      lookers.execute(
          () ->
              rehearser
                  .answers(rehearsal, concerned, intents)
                  .forEach(r -> reporter.report(scope, r)));
    }
    rehearsals.clear();
  }

  private MachineIntent intentOf(MachineFacts facts, Collection<Policy> policies, Instant now) {
    List<Grant> admissible = teller.admissible(inputs.grantsOf(facts.id()));
    return Intents.of(facts, policies, admissible, now);
  }

  /** What the grants that this look is to open or to close followed from, each once. */
  private List<String> causesOf(RuleSetId ruleSet, Instant now) {
    if (!inputs.knowsCauses()) {
      return List.of();
    }
    return machines.membersOf(ruleSet).stream()
        .flatMap(m -> inputs.grantsOf(m.id()).stream())
        .filter(
            g ->
                g.isLive(now) && teller.phase(g) == MachineLedger.Phase.PENDING
                    || g.isOver(now) && teller.phase(g) == MachineLedger.Phase.OPENED)
        .flatMap(g -> inputs.causeOf(g.id()).stream())
        .distinct()
        .toList();
  }

  private void look(RuleSetIntent intent, Semaphore room, List<String> causes) {
    RuleSetReport report;
    try (Trace trace = Looks.begin(scope, intent.ruleSet(), causes);
        Trace.Within within = trace.enter()) {
      report = reconciler.reconcile(intent, room == closingPermits);
    } catch (RuntimeException e) {
      LOGGER
          .atError()
          .addKeyValue("ruleSet", intent.ruleSet())
          .setCause(e)
          .log("reconciling failed");
      report =
          RuleSetReport.unread(
              intent, new Outcome.Failed(ErrorCode.INTERNAL, String.valueOf(e.getMessage())));
    }
    room.release();
    signals.add(new Signal.Done(intent.ruleSet(), report));
  }

  private void settle(Instant now) {
    if (!machines.isScanned()) {
      return;
    }
    Set<MachineId> waiting = Set.copyOf(unsettled);
    unsettled.clear();
    waiting.forEach(m -> settle(m, now));
  }

  private void settle(MachineId id, Instant now) {
    List<Grant> grants = inputs.grantsOf(id);
    machines
        .get(id)
        .ifPresentOrElse(m -> settle(m, grants, now), () -> settleMissing(id, grants, now));
  }

  private void settle(MachineFacts facts, List<Grant> grants, Instant now) {
    Map<RuleSetId, RuleSetReport> reports = new HashMap<>();
    long oldest = Long.MAX_VALUE;
    for (RuleSetId r : facts.ruleSets()) {
      RuleSetWork w = work.get(r);
      if (cloud.carriesGrants(r)) {
        oldest = Math.min(oldest, w == null ? 0 : w.reportedSequence);
      }
      if (w != null && w.report != null) {
        reports.put(r, w.report);
      }
    }
    long readAt = oldest;
    MachineIntent intent = intentOf(facts, inputs.policies(), now);
    if (isKnown(intent)) {
      assessor.look(intent, lookedAt.getOrDefault(facts.id(), now));
    }
    teller.settle(
        intent, grants, reports, g -> readAt > overSince.getOrDefault(g, Long.MAX_VALUE), now);
  }

  /**
   * Whether every rule set was looked at since the machine's ports are to be closed, if they are.
   */
  private boolean isKnown(MachineIntent machine) {
    return machine.lock().isEmpty()
        || machine.facts().ruleSets().stream()
            .map(work::get)
            .allMatch(
                w ->
                    w != null
                        && w.report != null
                        && w.report.intent().machines().stream()
                            .anyMatch(
                                m ->
                                    m.machine().equals(machine.machine())
                                        && m.lock().equals(machine.lock())));
  }

  private void settleMissing(MachineId id, List<Grant> grants, Instant now) {
    if (scanning || scanWanted) {
      unsettled.add(id);
    } else {
      teller.settleMissing(id, grants, now);
    }
  }
}
