package io.postern.enforcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Rehearsal;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeWorkerTest {
  private static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");
  private static final MachineFacts WEB = machine("i-0abc1234def567890", "sg-web");
  private static final MachineFacts DB = machine("i-0abc1234def567891", "sg-db");

  // A cloud in memory needs no sparing, and every machine that comes or goes waits for a scan.
  private static final Duration SCAN_PAUSE = Duration.ofMillis(100);

  private final MemoryCloud cloud = new MemoryCloud();
  private final Inputs inputs = new Inputs();
  private final News news = new News();
  private final List<String> durable = new CopyOnWriteArrayList<>();
  private final ScopeWorker<Set<String>, String> worker =
      new ScopeWorker<>(
          SCOPE,
          cloud,
          inputs,
          (scope, ruleSet, restorePoint) -> {
            durable.add(ruleSet + " " + restorePoint.isPresent() + " after " + cloud.writes.size());
            inputs.restorePoints.remove(ruleSet);
            restorePoint.ifPresent(r -> inputs.restorePoints.put(ruleSet, r));
          },
          news,
          Clock.systemUTC(),
          new WorkerSettings(
              Duration.ofSeconds(30),
              4,
              Bounds.DEFAULT,
              new DriftLimits(2, Duration.ofMinutes(10))),
          SCAN_PAUSE);

  private static MachineFacts machine(String instance, String group) {
    MachineId id = new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/" + instance);
    return new MachineFacts(
        id,
        instance,
        Map.of(),
        List.of("10.0.0.1"),
        List.of(),
        true,
        List.of(new RuleSetId("aws:123456789012:eu-west-1:" + group)));
  }

  private static final class Inputs implements ScopeInputs {
    final Map<GrantId, Grant> grants = new ConcurrentHashMap<>();
    final Map<RuleSetId, RestorePoint> restorePoints = new ConcurrentHashMap<>();
    volatile List<Policy> policies = List.of();

    @Override
    public Collection<Policy> policies() {
      return policies;
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
  }

  private static final class News implements Reporter {
    final List<Report> reports = new CopyOnWriteArrayList<>();
    final List<String> assessments = new CopyOnWriteArrayList<>();

    @Override
    public void report(Scope scope, Report report) {
      reports.add(report);
    }

    @Override
    public void assessed(MachineFacts machine, Posture posture, Instant at) {
      assessments.add(machine.name() + " " + posture.severity());
    }

    @Override
    public void gone(MachineId machine) {
      assessments.add(machine.localName() + " gone");
    }

    <T extends Report> List<T> all(Class<T> type) {
      return reports.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T extends Report> T await(Class<T> type) {
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> !all(type).isEmpty());
      return all(type).get(0);
    }
  }

  private static Policy policy() {
    return new Policy(
        new PolicyId("all"),
        1,
        List.of(new MachineSelector.ById(WEB.id()), new MachineSelector.ById(DB.id())),
        List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
        Set.of("sre"),
        Set.of(),
        false,
        Optional.empty(),
        Policy.ExistingRules.PRIORITY,
        Policy.SharedGroups.REFUSE,
        32,
        128);
  }

  private static Grant grant(MachineFacts machine, Duration time, String source) {
    RequestId request = new RequestId(UUID.randomUUID());
    Instant now = Instant.now();
    return new Grant(
        GrantId.of(request, machine.id()),
        request,
        machine.id(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse(source)),
        now,
        now.plus(time),
        new PolicyId("all"),
        Optional.empty(),
        false);
  }

  private void start(MachineFacts... machines) {
    cloud.machines = List.of(machines);
    inputs.policies = List.of(policy());
    worker.start();
  }

  private void give(Grant grant) {
    inputs.grants.put(grant.id(), grant);
    worker.lookAgain(grant.machine());
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  @Test
  void locksOpensAndClosesAtTheEndWithNobodySayingSo() {
    start(WEB);
    news.await(Report.Locked.class);
    Grant grant = grant(WEB, Duration.ofMillis(700), "203.0.113.7");
    give(grant);
    news.await(Report.Opened.class);
    Report.Closed closed = news.await(Report.Closed.class);
    assertThat(Instant.now()).isAfterOrEqualTo(grant.expiresAt());
    assertThat(closed.reason()).isEqualTo(Grant.End.EXPIRED);
    assertThat(cloud.rules.get(WEB.ruleSets().get(0))).containsExactly("lock " + WEB.id());
  }

  @Test
  void recordsTheRestorePointBeforeTheFirstWriteAndRemovesItAfterTheLast() {
    start(WEB);
    news.await(Report.Locked.class);
    assertThat(durable).containsExactly(WEB.ruleSets().get(0) + " true after 0");
    inputs.policies = List.of();
    worker.lookAtEverything();
    news.await(Report.Lifted.class);
    assertThat(durable).last().isEqualTo(WEB.ruleSets().get(0) + " false after 2");
    assertThat(cloud.rules.get(WEB.ruleSets().get(0))).isEmpty();
  }

  @Test
  void aRevokedGrantIsClosedForItsReasonAndAnotherStaysOpen() {
    start(WEB);
    Grant one = grant(WEB, Duration.ofMinutes(10), "203.0.113.7");
    Grant other = grant(WEB, Duration.ofMinutes(10), "203.0.113.8");
    give(one);
    give(other);
    await().until(() -> news.all(Report.Opened.class).size() == 2);
    give(one.ended(Grant.End.ADMIN_REVOKED));
    assertThat(news.await(Report.Closed.class).reason()).isEqualTo(Grant.End.ADMIN_REVOKED);
    assertThat(cloud.rules.get(WEB.ruleSets().get(0)))
        .containsExactlyInAnyOrder("lock " + WEB.id(), "allow " + other.id());
  }

  @Test
  void whatOpensWaitsForTheFoldingPauseAndThenGoesByItself() {
    start(WEB);
    news.await(Report.Locked.class);
    cloud.foldingPause = Duration.ofSeconds(1);
    Instant given = Instant.now();
    for (int i = 1; i <= 5; i++) {
      give(grant(WEB, Duration.ofMinutes(10), "203.0.113." + i));
    }
    await().until(() -> news.all(Report.Opened.class).size() == 5);
    assertThat(Duration.between(given, Instant.now())).isLessThan(Duration.ofSeconds(20));
    assertThat(cloud.urgent).hasValue(0);
  }

  @Test
  void whatClosesWaitsForNoFoldingPause() {
    start(WEB);
    Grant one = grant(WEB, Duration.ofMinutes(10), "203.0.113.7");
    give(one);
    news.await(Report.Opened.class);
    cloud.foldingPause = Duration.ofHours(1);
    give(one.ended(Grant.End.ADMIN_REVOKED));
    news.await(Report.Closed.class);
    assertThat(cloud.urgent.get()).isPositive();
  }

  @Test
  void closingNeverGivesUp() {
    start(WEB);
    Grant grant = grant(WEB, Duration.ofMillis(300), "203.0.113.7");
    AtomicInteger failures = new AtomicInteger();
    cloud.fault =
        step ->
            step.startsWith("-allow") && failures.incrementAndGet() <= 4
                ? Optional.of(new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, "reset"))
                : Optional.empty();
    give(grant);
    news.await(Report.Opened.class);
    await().until(() -> worker.overdue().isPositive());
    news.await(Report.Closed.class);
    await().until(() -> worker.overdue().isZero());
    assertThat(failures.get()).isEqualTo(5);
    assertThat(news.all(Report.Failed.class))
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.operation()).isEqualTo(Report.Operation.CLOSE);
              assertThat(f.willRetry()).isTrue();
            });
  }

  @Test
  void aGrantIsNotClosedWhileARuleThatMayBeForItStands() {
    start(WEB);
    Grant grant = grant(WEB, Duration.ofMinutes(10), "203.0.113.7");
    AtomicInteger refusals = new AtomicInteger();
    cloud.fault =
        step ->
            step.equals("-nameless") && refusals.incrementAndGet() <= 2
                ? Optional.of(new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, "reset"))
                : Optional.empty();
    give(grant);
    news.await(Report.Opened.class);
    cloud.rules.put(WEB.ruleSets().get(0), Set.of("lock " + WEB.id(), "nameless"));
    give(grant.ended(Grant.End.ADMIN_REVOKED));
    news.await(Report.Closed.class);
    assertThat(refusals.get()).isEqualTo(3);
    assertThat(cloud.rules.get(WEB.ruleSets().get(0))).containsExactly("lock " + WEB.id());
  }

  @Test
  void anOpenThatIsRefusedIsReportedOnceAndNotTriedAgain() {
    start(WEB);
    news.await(Report.Locked.class);
    cloud.refusesGrants = true;
    give(grant(WEB, Duration.ofMinutes(10), "203.0.113.7"));
    Report.Failed failed = news.await(Report.Failed.class);
    assertThat(failed.willRetry()).isFalse();
    assertThat(failed.code()).isEqualTo(ErrorCode.UNSUPPORTED_TARGET);
    cloud.refusesGrants = false;
    Grant marker = grant(DB, Duration.ofMinutes(10), "203.0.113.7");
    give(marker);
    worker.lookAgain(WEB.id());
    await().until(() -> news.all(Report.Failed.class).size() == 2);
    assertThat(cloud.rules.get(WEB.ruleSets().get(0))).containsExactly("lock " + WEB.id());
  }

  @Test
  void aGrantForAMachineThatIsNotThereFails() {
    start(WEB);
    give(grant(DB, Duration.ofMinutes(10), "203.0.113.7"));
    Report.Failed failed = news.await(Report.Failed.class);
    assertThat(failed.code()).isEqualTo(ErrorCode.TARGET_NOT_FOUND);
    assertThat(failed.willRetry()).isFalse();
  }

  @Test
  void aGrantOutsideTheEnforcersOwnBoundsIsNotOpened() {
    start(WEB);
    give(grant(WEB, Duration.ofHours(25), "203.0.113.7"));
    give(grant(WEB, Duration.ofMinutes(5), "0.0.0.0/0"));
    await().until(() -> news.all(Report.Failed.class).size() == 2);
    assertThat(news.all(Report.Failed.class))
        .allSatisfy(f -> assertThat(f.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    assertThat(news.all(Report.Opened.class)).isEmpty();
  }

  @Test
  void aRuleSetThatHangsHoldsUpNoOther() {
    CountDownLatch hang = new CountDownLatch(1);
    cloud.fault =
        step -> {
          if (step.equals("+lock " + WEB.id())) {
            try {
              hang.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          return Optional.empty();
        };
    start(WEB, DB);
    Grant grant = grant(DB, Duration.ofMillis(500), "203.0.113.7");
    give(grant);
    news.await(Report.Closed.class);
    assertThat(news.all(Report.Locked.class))
        .extracting(l -> l.machine().id())
        .containsExactly(DB.id());
    hang.countDown();
    await().until(() -> news.all(Report.Locked.class).size() == 2);
  }

  @Test
  void whatAnEarlierLifeLeftOpenIsClosed() {
    cloud.rules.put(
        WEB.ruleSets().get(0), Set.of("lock " + WEB.id(), "allow " + UUID.randomUUID()));
    inputs.restorePoints.put(WEB.ruleSets().get(0), RestorePoint.NOTHING);
    start(WEB);
    await()
        .untilAsserted(
            () ->
                assertThat(cloud.rules.get(WEB.ruleSets().get(0)))
                    .containsExactly("lock " + WEB.id()));
  }

  @Test
  void aMachineThatIsMissingFromOneListIsNotUnlocked() {
    start(WEB, DB);
    await().until(() -> news.all(Report.Locked.class).size() == 2);
    await().until(() -> cloud.scans.get() == 2);
    cloud.lacking = 3;
    worker.lookAtEverything();
    await().until(() -> cloud.scans.get() == 4);
    assertThat(cloud.writes).noneMatch(w -> w.contains("-lock"));
    cloud.machines = List.of(DB);
    worker.lookAtEverything();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(cloud.rules.get(WEB.ruleSets().get(0))).isEmpty());
  }

  @Test
  void aMachineThatGoesIsTombstonedItsGrantsEndAndItsLeftoversAreSwept() {
    start(WEB, DB);
    Grant grant = grant(WEB, Duration.ofMinutes(10), "203.0.113.7");
    give(grant);
    news.await(Report.Opened.class);
    cloud.machines = List.of(DB);
    worker.lookAtEverything();
    Report.Failed failed = news.await(Report.Failed.class);
    assertThat(failed.code()).isEqualTo(ErrorCode.TARGET_NOT_FOUND);
    assertThat(failed.grant().map(Grant::id)).contains(grant.id());
    assertThat(failed.willRetry()).isFalse();
    await()
        .untilAsserted(
            () -> {
              assertThat(news.assessments).contains(WEB.name() + " gone");
              assertThat(cloud.rules.get(WEB.ruleSets().get(0))).isEmpty();
              assertThat(inputs.restorePoints).doesNotContainKey(WEB.ruleSets().get(0));
            });
    assertThat(cloud.rules.get(DB.ruleSets().get(0))).containsExactly("lock " + DB.id());
  }

  @Test
  void aRuleSetOfWhichNoMachineSpeaksAnyMoreIsCleaned() {
    RuleSetId left = new RuleSetId("aws:123456789012:eu-west-1:sg-left");
    cloud.rules.put(left, Set.of("lock gone"));
    inputs.restorePoints.put(left, RestorePoint.NOTHING);
    start(WEB);
    await().untilAsserted(() -> assertThat(cloud.rules.get(left)).isEmpty());
    await().untilAsserted(() -> assertThat(inputs.restorePoints).doesNotContainKey(left));
  }

  private void foreign(RuleSetId ruleSet, String removed, String added) {
    cloud.rules.computeIfPresent(
        ruleSet,
        (r, rules) -> {
          Set<String> now = new HashSet<>(rules);
          now.remove(removed);
          if (!added.isEmpty()) {
            now.add(added);
          }
          return now;
        });
    worker.lookAtEverything();
  }

  @Test
  void aRemovedLockDownIsPutBackAndReportedWithWhatChanged() {
    start(WEB);
    news.await(Report.Locked.class);
    RuleSetId group = WEB.ruleSets().get(0);

    foreign(group, "lock " + WEB.id(), "");

    Report.Drifted drift = news.await(Report.Drifted.class);
    assertThat(drift.ruleSet()).isEqualTo(group);
    assertThat(drift.machines()).containsExactly(WEB.id());
    assertThat(drift.changes())
        .containsExactly("Rule lock " + WEB.id() + " is gone; it said: stands.");
    assertThat(drift.action()).isEqualTo("Put right: +lock " + WEB.id() + ".");
    assertThat(cloud.rules.get(group)).containsExactly("lock " + WEB.id());
  }

  @Test
  void aRemovedLockDownIsPutBackEveryTime() {
    start(WEB);
    news.await(Report.Locked.class);
    RuleSetId group = WEB.ruleSets().get(0);

    for (int time = 1; time <= 6; time++) {
      int seen = time;
      foreign(group, "lock " + WEB.id(), "");
      await().until(() -> news.all(Report.Drifted.class).size() == seen);
      assertThat(cloud.rules.get(group)).containsExactly("lock " + WEB.id());
    }
  }

  @Test
  void aGrantThatOthersCloseAgainAndAgainStaysClosedAndIsReported() {
    start(WEB);
    Grant grant = grant(WEB, Duration.ofMinutes(10), "203.0.113.7");
    give(grant);
    news.await(Report.Opened.class);
    RuleSetId group = WEB.ruleSets().get(0);
    String rule = "allow " + grant.id();

    for (int time = 1; time <= 2; time++) {
      int seen = time;
      foreign(group, rule, "");
      await().until(() -> news.all(Report.Drifted.class).size() == seen);
      assertThat(cloud.rules.get(group)).contains(rule);
    }
    foreign(group, rule, "");

    Report.Failed failed = news.await(Report.Failed.class);
    assertThat(failed.grant()).contains(grant);
    assertThat(failed.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(failed.willRetry()).isFalse();
    assertThat(news.all(Report.Drifted.class))
        .last()
        .extracting(Report.Drifted::action)
        .asString()
        .startsWith("Closed: somebody else closed it more than 2 times");
    worker.lookAtEverything();
    give(grant(DB, Duration.ofMinutes(10), "203.0.113.7"));
    await().until(() -> news.all(Report.Failed.class).size() == 2);
    assertThat(cloud.rules.get(group)).containsExactly("lock " + WEB.id());
  }

  @Test
  void whatDoesNotConcernUsIsNoDrift() {
    start(WEB);
    news.await(Report.Locked.class);
    RuleSetId group = WEB.ruleSets().get(0);
    cloud.ignoresForeign = true;

    foreign(group, "", "somebody's own");
    foreign(group, "lock " + WEB.id(), "");

    assertThat(news.await(Report.Drifted.class).changes()).anyMatch(c -> c.contains("is gone"));
    assertThat(news.all(Report.Drifted.class)).hasSize(1);
  }

  @Test
  void ourOwnWritesAreNoDriftWhateverTheirFate() {
    start(WEB);
    AtomicInteger failures = new AtomicInteger();
    cloud.fault =
        step ->
            step.startsWith("+allow") && failures.incrementAndGet() <= 3
                ? Optional.of(new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, "reset"))
                : Optional.empty();
    give(grant(WEB, Duration.ofMillis(2500), "203.0.113.7"));
    give(grant(WEB, Duration.ofMinutes(10), "203.0.113.8"));
    news.await(Report.Closed.class);
    assertThat(news.all(Report.Drifted.class)).isEmpty();
  }

  @Test
  void aRehearsalSaysWhatIsThenWrittenAndWritesNothing() {
    cloud.machines = List.of(WEB, DB);
    worker.start();
    worker.rehearse(new Rehearsal("change", policy()));
    await().until(() -> news.all(Report.Planned.class).size() == 2);
    Report.Planned planned =
        news.all(Report.Planned.class).stream()
            .filter(p -> p.machine().equals(WEB))
            .findFirst()
            .orElseThrow();
    assertThat(planned.changeId()).isEqualTo("change");
    assertThat(planned.ofMachines()).isEqualTo(2);
    assertThat(planned.steps())
        .containsExactly(WEB.ruleSets().get(0) + ": +lock " + WEB.id() + ".");
    assertThat(cloud.writes).isEmpty();

    inputs.policies = List.of(policy());
    worker.lookAtEverything();
    await().until(() -> news.all(Report.Locked.class).size() == 2);
    assertThat(cloud.writes)
        .containsExactlyInAnyOrder(
            WEB.ruleSets().get(0) + " +lock " + WEB.id(),
            DB.ruleSets().get(0) + " +lock " + DB.id());
  }

  @Test
  void aRehearsalOfANarrowerPolicyNamesTheMachinesThatItWouldLetGo() {
    start(WEB, DB);
    await().until(() -> news.all(Report.Locked.class).size() == 2);
    Policy narrower =
        new Policy(
            policy().id(),
            2,
            List.of(new MachineSelector.ById(DB.id())),
            policy().ports(),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);

    worker.rehearse(new Rehearsal("narrower", narrower));

    await().until(() -> news.all(Report.Planned.class).size() == 2);
    assertThat(news.all(Report.Planned.class))
        .anySatisfy(
            p -> {
              assertThat(p.machine()).isEqualTo(WEB);
              assertThat(p.steps())
                  .containsExactly(WEB.ruleSets().get(0) + ": -lock " + WEB.id() + ".");
            })
        .anySatisfy(
            p -> {
              assertThat(p.machine()).isEqualTo(DB);
              assertThat(p.steps()).isEmpty();
            });
  }

  @Test
  void aWayWithNothingToWriteToIsToldWithTheLockDown() {
    Report.RuleSetBypass way =
        new Report.RuleSetBypass(
            new RuleSetId("aws:123456789012:eu-west-1:eni-2"),
            new Assessment.Bypass("ip", "nothing filters it"));
    cloud.unfiltered = List.of(way);
    start(WEB);

    assertThat(news.await(Report.Locked.class).bypasses()).containsExactly(way);
  }

  @Test
  void machinesAreToldAsTheyStandAndOneUnderJitOnceItWasLookedAt() {
    inputs.policies = List.of();
    cloud.machines = List.of(WEB, DB);
    worker.start();
    org.awaitility.Awaitility.await().until(() -> news.assessments.size() == 2);
    assertThat(news.assessments)
        .containsExactlyInAnyOrder(WEB.name() + " CRITICAL", DB.name() + " CRITICAL");
    assertThat(cloud.lookedAt).as("what a scan sees is enough").isEmpty();

    inputs.policies = List.of(policy());
    worker.lookAtEverything();
    org.awaitility.Awaitility.await().until(() -> news.assessments.size() == 4);
    assertThat(news.assessments.subList(2, 4))
        .containsExactlyInAnyOrder(WEB.name() + " NONE", DB.name() + " NONE");

    cloud.machines = List.of(DB);
    worker.lookAtEverything();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> news.assessments.contains(WEB.name() + " gone"));
    assertThat(news.assessments).hasSize(5);
  }
}
