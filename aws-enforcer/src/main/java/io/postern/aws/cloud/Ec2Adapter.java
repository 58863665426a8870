package io.postern.aws.cloud;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.GroupPlan;
import io.postern.aws.domain.GroupPlanner;
import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.aws.domain.Words;
import io.postern.aws.domain.WriteBudget;
import io.postern.aws.exposure.AwsPosture;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * EC2 as the reconcile loop sees it. A rule set is a security group of the owner, which carries the
 * lock-down, or the access group of a machine, which carries its grants.
 */
public final class Ec2Adapter implements CloudAdapter<Observed, Step> {
  private static final Duration OPENING_WAITS = Duration.ofSeconds(1);
  private static final Duration CLOSING_WAITS = Duration.ofSeconds(10);

  private final Ec2Clients clients;
  private final Marks marks;
  private final Limits limits;
  private final boolean paced;
  private final KnownGroups known = new KnownGroups();
  private final OwnWrites writes;
  private final Map<Scope, WriteBudget> budgets = new ConcurrentHashMap<>();
  private final LatestReads<Observed> latest = new LatestReads<>();
  private final Map<Scope, Landscape> landscapes = new ConcurrentHashMap<>();
  private final Mode mode;

  /** One that assesses machines by Defender's flow chart. */
  public Ec2Adapter(Ec2Clients clients, Marks marks, Limits limits, boolean paced) {
    this(clients, marks, limits, paced, Mode.DEFENDER);
  }

  /**
   * @param paced whether calls stay within EC2's documented buckets; false for a simulator without
   *     them
   * @param mode by which rules machines are assessed
   */
  public Ec2Adapter(Ec2Clients clients, Marks marks, Limits limits, boolean paced, Mode mode) {
    this(clients, marks, limits, paced, mode, new OwnWrites());
  }

  Ec2Adapter(
      Ec2Clients clients, Marks marks, Limits limits, boolean paced, Mode mode, OwnWrites writes) {
    this.writes = writes;
    this.mode = mode;
    this.clients = clients;
    this.marks = marks;
    this.limits = limits;
    this.paced = paced;
  }

  /** The owner's groups carry the lock-down only; grants live in a machine's own group. */
  @Override
  public boolean carriesGrants(RuleSetId ruleSet) {
    return !ruleSet.value().contains(":sg-");
  }

  @Override
  public List<MachineFacts> inventory(Scope scope) throws CloudException {
    Ec2Scan scan =
        new Ec2Scan(clients.of(scope).reads(), scope, marks.installation(), new ScanPace(paced));
    Landscape seen = scan.run(latest);
    landscapes.put(scope, seen);
    latest.forgetBefore(scope, seen.startedAt());
    return seen.machines();
  }

  @Override
  public Posture posture(MachineIntent machine) {
    Scope scope = machine.machine().scope();
    Landscape seen = landscapes.computeIfAbsent(scope, s -> Landscape.unknown(s, latest));
    String instance = machine.machine().localName();
    return AwsPosture.of(
        machine, seen.accessOf(instance), seen.around(instance), marks, limits, mode);
  }

  private Ec2Reader reader(Scope scope) {
    return new Ec2Reader(clients.of(scope).reads(), scope, marks.installation(), known, writes);
  }

  @Override
  public Observed observe(RuleSetIntent intent) throws CloudException {
    String id = localId(intent.ruleSet());
    Ec2Reader reader = reader(intent.scope());
    Observed observed = id.startsWith("i-") ? reader.access(id) : reader.group(id);
    latest.add(intent.ruleSet(), observed);
    return observed;
  }

  private static String localId(RuleSetId ruleSet) {
    return ruleSet.value().substring(ruleSet.value().lastIndexOf(':') + 1);
  }

  @Override
  public Plan<Step> plan(RuleSetIntent intent, Observed observed) {
    return switch (observed) {
      case Observed.Access access -> AccessPlanner.plan(intent, access, marks, limits);
      case Observed.Group group -> {
        GroupPlan plan =
            GroupPlanner.plan(intent, group, RestorePoints.read(intent.restorePoint()), limits);
        yield new Plan<>(
            RestorePoints.write(plan.before()),
            plan.steps(),
            RestorePoints.write(plan.after()),
            Map.of(),
            plan.refusedLocks());
      }
    };
  }

  /** An interface's groups are written as a whole, so that attaching one is not among these. */
  @Override
  public boolean onlyAdds(List<Step> steps) {
    return steps.stream().allMatch(s -> s instanceof Step.Authorize && s.opens());
  }

  @Override
  public Outcome apply(RuleSetIntent intent, Observed observed, List<Step> steps) {
    Ec2Writer writer = new Ec2Writer(clients.of(intent.scope()).writes(), writes);
    if (steps.stream().anyMatch(Ec2Adapter::changesAGroupItself)) {
      known.forget(localId(intent.ruleSet()));
    }
    WriteBudget budget = budgets.computeIfAbsent(intent.scope(), s -> new WriteBudget());
    for (Step step : steps) {
      Optional<Outcome> wait = paced ? awaitTurn(budget, step) : Optional.empty();
      if (wait.isPresent()) {
        return wait.get();
      }
      Optional<Outcome> trouble = writer.write(step);
      if (trouble.isPresent()) {
        return trouble.get();
      }
    }
    return new Outcome.Applied();
  }

  /**
   * Waits a little; what opens gives its place to others when that does not do, and what only
   * tidies up at once: a group that waits to be deleted would hold up those whose ports are open.
   */
  private static Optional<Outcome> awaitTurn(WriteBudget budget, Step step) {
    Duration waits = step.opens() ? OPENING_WAITS : CLOSING_WAITS;
    long patience = System.nanoTime() + (WriteBudget.tidies(step) ? 0 : waits.toNanos());
    while (true) {
      Optional<Duration> wait = budget.take(step, System.nanoTime());
      if (wait.isEmpty()) {
        return Optional.empty();
      }
      if (System.nanoTime() + wait.get().toNanos() > patience) {
        return Optional.of(
            new Outcome.Deferred(
                ErrorCode.THROTTLED,
                "the write budget of " + Ec2Writer.action(step) + " is used up for now",
                wait.get()));
      }
      try {
        TimeUnit.NANOSECONDS.sleep(wait.get().toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of(
            new Outcome.Deferred(ErrorCode.THROTTLED, "interrupted while waiting", wait.get()));
      }
    }
  }

  private static boolean changesAGroupItself(Step step) {
    return switch (step) {
      case Step.CreateGroup s -> true;
      case Step.DeleteGroup s -> true;
      case Step.Tag s -> s.resource().startsWith("sg-");
      case Step.Authorize s -> false;
      case Step.Revoke s -> false;
      case Step.Describe s -> false;
      case Step.Untag s -> false;
      case Step.RevokeEgress s -> false;
      case Step.SetGroups s -> false;
    };
  }

  @Override
  public Assessment assess(RuleSetIntent intent, Observed observed) {
    return switch (observed) {
      case Observed.Access access -> AccessPlanner.assess(intent, access, marks, limits);
      case Observed.Group group ->
          GroupPlanner.assess(intent, group, RestorePoints.read(intent.restorePoint()), limits);
    };
  }

  @Override
  public List<String> foresee(RuleSetIntent intent, Observed observed) {
    return observed instanceof Observed.Access access
        ? AccessPlanner.foresee(intent, access, marks, limits).stream()
            .map(why -> "No grant could be opened now: " + why + ".")
            .toList()
        : List.of();
  }

  @Override
  public double budgetLeft(Scope scope) {
    WriteBudget budget = budgets.get(scope);
    return budget == null ? 1 : budget.left(System.nanoTime());
  }

  @Override
  public Duration lateReads() {
    return OwnWrites.LATELY;
  }

  @Override
  public List<String> missingPermissions(Scope scope) throws CloudException {
    return new Ec2SelfTest(clients.of(scope).writes(), scope, marks.installation()).missing();
  }

  @Override
  public Map<String, String> describe(Observed observed) {
    return Words.describe(observed);
  }

  @Override
  public List<String> explain(Observed observed, List<Step> steps) {
    return Words.explain(observed, steps);
  }

  @Override
  public String establishedConnections() {
    return "Connections that are established when the rule goes continue: EC2 tracks flows that a narrow rule let in. An idle one is"
        + " forgotten after 432,000 s, after 350 s on Nitro v6 instances.";
  }

  @Override
  public String lockdownNotice() {
    return "Where a port was open to the whole internet and the instance's egress is open, EC2 does not track its connections: those that"
        + " are established now end with this lock-down. Connections that narrower rules let in continue.";
  }
}
