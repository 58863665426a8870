package io.postern.azure.cloud;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpPipeline;
import io.postern.azure.domain.AzureStep;
import io.postern.azure.domain.FirewallAssessor;
import io.postern.azure.domain.FirewallPlanner;
import io.postern.azure.domain.FirewallRoom;
import io.postern.azure.domain.FirewallStep;
import io.postern.azure.domain.Hops;
import io.postern.azure.domain.NsgAssessor;
import io.postern.azure.domain.NsgPlanner;
import io.postern.azure.domain.NsgRoom;
import io.postern.azure.domain.NsgStep;
import io.postern.azure.domain.ObservedFirewall;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.domain.Sweep;
import io.postern.azure.domain.Words;
import io.postern.azure.exposure.AzurePosture;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** Azure's network security groups and firewalls as the reconcile loop sees them. */
public final class AzureAdapter implements CloudAdapter<Observation, AzureStep> {
  /**
   * Two of these and a write are longer than the second in which a burst of requests arrives; a
   * person does not notice one.
   */
  private static final Duration FOLDING_PAUSE = Duration.ofMillis(600);

  private final Arm arm;
  private final Optional<ThrottleGate> gate;
  private final Marks marks;
  private final ArmErrors errors;
  private final SecurityGroups groups;
  private final Firewalls firewalls;
  private final LatestReads<Observation> latest = new LatestReads<>();
  private final Inventory.Found nothing =
      new Inventory.Found(
          List.of(), Map.of(), Hops.NONE, Map.of(), new Landscape(System.nanoTime(), latest));
  private final Map<Scope, Inventory.Found> inventories = new ConcurrentHashMap<>();
  private final Mode mode;

  /**
   * How long operations are waited for.
   *
   * @param pollInterval first pause between two looks at a running operation
   * @param patience after which a running operation is given up and the group read again
   * @param firewallPatience likewise for a firewall, whose operations take minutes
   */
  public record Waiting(Duration pollInterval, Duration patience, Duration firewallPatience) {}

  /** One that assesses machines by Defender's flow chart. */
  public AzureAdapter(
      HttpPipeline pipeline, URI endpoint, Marks marks, Clock clock, Waiting waiting) {
    this(pipeline, endpoint, marks, clock, waiting, Mode.DEFENDER);
  }

  /**
   * @param mode by which rules machines are assessed
   */
  public AzureAdapter(
      HttpPipeline pipeline, URI endpoint, Marks marks, Clock clock, Waiting waiting, Mode mode) {
    this.mode = mode;
    this.arm = new Arm(pipeline, endpoint);
    this.gate = ArmPipeline.gate(pipeline);
    this.marks = marks;
    this.errors = new ArmErrors(clock);
    this.groups =
        new SecurityGroups(
            arm,
            marks,
            errors,
            new LongRunning(arm, clock, waiting.pollInterval(), waiting.patience()));
    this.firewalls =
        new Firewalls(
            arm,
            errors,
            new LongRunning(arm, clock, waiting.pollInterval(), waiting.firewallPatience()));
  }

  @Override
  public List<MachineFacts> inventory(Scope scope) throws CloudException {
    try {
      long begun = System.nanoTime();
      Inventory.Found found = Inventory.read(arm, scope.account(), marks, errors, latest);
      inventories.put(scope, found);
      latest.forgetBefore(scope, begun);
      return found.machines();
    } catch (HttpResponseException e) {
      throw e.getResponse() == null
          ? errors.ofRead((RuntimeException) e)
          : errors.ofRead(ArmAnswer.of(e.getResponse()));
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
  }

  private Inventory.Found inventoryOf(Scope scope) {
    return inventories.getOrDefault(scope, nothing);
  }

  static boolean isFirewall(RuleSetId ruleSet) {
    return ruleSet.value().contains("/providers/microsoft.network/azurefirewalls/");
  }

  @Override
  public Observation observe(RuleSetIntent intent) throws CloudException {
    return observe(intent, false);
  }

  @Override
  public Observation observe(RuleSetIntent intent, boolean closes) throws CloudException {
    Observation observed = read(intent, closes);
    latest.add(intent.ruleSet(), Landscape.slim(observed));
    return observed;
  }

  private Observation read(RuleSetIntent intent, boolean closes) throws CloudException {
    String id = intent.ruleSet().value();
    ArmAnswer answer;
    try {
      answer = closes ? arm.getUrgently(id) : arm.get(id);
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
    Inventory.Found known = inventoryOf(intent.scope());
    boolean firewall = isFirewall(intent.ruleSet());
    if (answer.status() == 404) {
      return firewall
          ? Observation.OfFirewall.gone(known.hops())
          : Observation.OfNsg.gone(known.hops());
    }
    if (!answer.isSuccess() || !answer.body().isObject()) {
      throw errors.ofRead(answer);
    }
    return firewall
        ? firewalls.read(answer, known.hops(), known.publicAddresses())
        : groups.read(intent, answer, known.hops());
  }

  /**
   * Every rule set of a subscription that carries overdue allow rules of ours, with what takes them
   * away; by what is written in the cloud alone.
   */
  List<Overdue> overdue(Scope scope, Instant now) throws CloudException {
    List<Overdue> found = new ArrayList<>();
    try {
      for (JsonNode document : arm.list(networkOf(scope) + "networkSecurityGroups", errors)) {
        RuleSetId ruleSet = idOf(document);
        ObservedNsg nsg = NsgJson.read(document);
        List<NsgStep> steps = Sweep.steps(ruleSet, nsg, marks, now);
        if (!steps.isEmpty()) {
          found.add(new Overdue(ruleSet, new Observation.OfNsg(nsg, document, Hops.NONE), steps));
        }
      }
      for (JsonNode document : arm.list(networkOf(scope) + "azureFirewalls", errors)) {
        RuleSetId ruleSet = idOf(document);
        ObservedFirewall firewall = FirewallJson.read(document, id -> Optional.empty());
        List<FirewallStep> steps = Sweep.steps(ruleSet, firewall, marks, now);
        if (!steps.isEmpty()) {
          found.add(
              new Overdue(
                  ruleSet, new Observation.OfFirewall(firewall, document, Hops.NONE), steps));
        }
      }
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
    return found;
  }

  private static RuleSetId idOf(JsonNode document) {
    return new RuleSetId(document.path("id").asString("").toLowerCase(Locale.ROOT));
  }

  private static String networkOf(Scope scope) {
    return "/subscriptions/%s/providers/Microsoft.Network/".formatted(scope.account());
  }

  /** A rule set with overdue rules. */
  record Overdue(RuleSetId ruleSet, Observation observation, List<? extends AzureStep> steps) {}

  @Override
  public Plan<AzureStep> plan(RuleSetIntent intent, Observation observed) {
    return switch (observed) {
      case Observation.OfNsg o -> widened(NsgPlanner.plan(intent, o.nsg(), o.hops(), marks));
      case Observation.OfFirewall o ->
          widened(FirewallPlanner.plan(intent, o.firewall(), o.hops(), marks));
    };
  }

  private static Plan<AzureStep> widened(Plan<? extends AzureStep> plan) {
    return new Plan<>(
        plan.before(),
        List.copyOf(plan.steps()),
        plan.after(),
        plan.refusedGrants(),
        plan.refusedLocks());
  }

  @Override
  public Assessment assess(RuleSetIntent intent, Observation observed) {
    return switch (observed) {
      case Observation.OfNsg o -> NsgAssessor.assess(intent, o.nsg(), o.hops(), marks);
      case Observation.OfFirewall o ->
          FirewallAssessor.assess(intent, o.firewall(), o.hops(), marks);
    };
  }

  /** The ETag goes with them, so that ARM refuses them once anything has changed. */
  @Override
  public boolean onlyAdds(List<AzureStep> steps) {
    return steps.stream().allMatch(s -> s.opens() && !s.takesAway());
  }

  /**
   * Writes all steps in one request, so that nobody sees them half done. When what opens is refused
   * for good, what closes is written without it.
   */
  @Override
  public Outcome apply(RuleSetIntent intent, Observation observed, List<AzureStep> steps) {
    return apply(intent.ruleSet(), observed, steps);
  }

  Outcome apply(RuleSetId ruleSet, Observation observed, List<? extends AzureStep> steps) {
    Outcome outcome = write(ruleSet, observed, steps);
    List<AzureStep> closing = steps.stream().flatMap(s -> s.closing().stream()).toList();
    if (outcome instanceof Outcome.Refused && !closing.isEmpty()) {
      Outcome closed = write(ruleSet, observed, closing);
      return closed instanceof Outcome.Applied ? outcome : closed;
    }
    return outcome;
  }

  private Outcome write(RuleSetId ruleSet, Observation observed, List<? extends AzureStep> steps) {
    try {
      return switch (observed) {
        case Observation.OfNsg o -> groups.write(ruleSet.value(), o, only(NsgStep.class, steps));
        case Observation.OfFirewall o ->
            firewalls.write(ruleSet.value(), o, only(FirewallStep.class, steps));
      };
    } catch (RuntimeException e) {
      return errors.ofWrite(e);
    }
  }

  private static <S> List<S> only(Class<S> kind, List<? extends AzureStep> steps) {
    return steps.stream().map(kind::cast).toList();
  }

  @Override
  public Duration foldingPause(RuleSetId ruleSet) {
    boolean busy = gate.filter(g -> g.isBusy(subscriptionOf(ruleSet))).isPresent();
    return busy ? FOLDING_PAUSE : Duration.ZERO;
  }

  private static String subscriptionOf(RuleSetId ruleSet) {
    String[] path = ruleSet.value().split("/", -1);
    return path.length > 2 ? path[2] : "";
  }

  @Override
  public double budgetLeft(Scope scope) {
    return gate.map(g -> g.left(scope.account())).orElse(1.0);
  }

  @Override
  public Posture posture(MachineIntent machine) {
    Inventory.Found found = inventoryOf(machine.machine().scope());
    return AzurePosture.of(
        machine,
        found.landscape().endpoints(machine.machine()),
        found.landscape(),
        found.hops().firewalls(machine.machine()),
        unfiltered(machine.machine()),
        marks,
        mode);
  }

  @Override
  public List<String> foresee(RuleSetIntent intent, Observation observed) {
    RuleSetId id = intent.ruleSet();
    return intent.machines().stream()
        .flatMap(
            m ->
                switch (observed) {
                  case Observation.OfNsg o ->
                      NsgRoom.of(id, m, o.nsg(), marks).map(Words::room).stream();
                  case Observation.OfFirewall o ->
                      FirewallRoom.of(id, m, o.firewall()).map(Words::publicRoom).stream();
                })
        .distinct()
        .toList();
  }

  @Override
  public List<Report.RuleSetBypass> unfiltered(MachineId machine) {
    return inventoryOf(machine.scope()).unfiltered().getOrDefault(machine, List.of());
  }

  @Override
  public List<String> missingPermissions(Scope scope) throws CloudException {
    try {
      return new SelfTest(arm, errors).missing(networkOf(scope) + "networkSecurityGroups");
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
  }

  @Override
  public Map<String, String> describe(Observation observed) {
    return switch (observed) {
      case Observation.OfNsg o -> Words.describe(o.nsg());
      case Observation.OfFirewall o -> Words.describe(o.firewall());
    };
  }

  @Override
  public List<String> explain(Observation observed, List<AzureStep> steps) {
    return Words.explain(steps);
  }

  @Override
  public String establishedConnections() {
    return "Established connections go on when a rule of a network security group is taken away,"
        + " except where the group has flushConnection set.";
  }

  @Override
  public String lockdownNotice() {
    return "";
  }
}
