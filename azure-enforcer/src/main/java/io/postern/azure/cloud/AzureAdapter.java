package io.postern.azure.cloud;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpPipeline;
import io.postern.azure.domain.NsgAssessor;
import io.postern.azure.domain.NsgPlanner;
import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.NsgStep;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.domain.Ownership;
import io.postern.azure.domain.Sweep;
import io.postern.azure.domain.Words;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
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

/** Azure's network security groups as the reconcile loop sees them. */
public final class AzureAdapter implements CloudAdapter<Observation, NsgStep> {
  private static final Duration CHANGING_PAUSE = Duration.ofSeconds(1);

  private final Arm arm;
  private final Marks marks;
  private final ArmErrors errors;
  private final LongRunning operations;
  private final Map<Scope, Map<MachineId, List<Report.RuleSetBypass>>> unfiltered =
      new ConcurrentHashMap<>();

  /**
   * How long operations are waited for.
   *
   * @param pollInterval first pause between two looks at a running operation
   * @param patience after which a running operation is given up and the group read again
   */
  public record Waiting(Duration pollInterval, Duration patience) {}

  public AzureAdapter(
      HttpPipeline pipeline, URI endpoint, Marks marks, Clock clock, Waiting waiting) {
    this.arm = new Arm(pipeline, endpoint);
    this.marks = marks;
    this.errors = new ArmErrors(clock);
    this.operations = new LongRunning(arm, clock, waiting.pollInterval(), waiting.patience());
  }

  @Override
  public List<MachineFacts> inventory(Scope scope) throws CloudException {
    try {
      Inventory.Found found = Inventory.read(arm, scope.account());
      unfiltered.put(scope, found.unfiltered());
      return found.machines();
    } catch (HttpResponseException e) {
      throw e.getResponse() == null
          ? errors.ofRead((RuntimeException) e)
          : errors.ofRead(ArmAnswer.of(e.getResponse()));
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
  }

  @Override
  public Observation observe(RuleSetIntent intent) throws CloudException {
    ArmAnswer answer;
    try {
      answer = arm.get(intent.ruleSet().value());
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
    if (answer.status() == 404) {
      return Observation.GONE;
    }
    if (!answer.isSuccess() || !answer.body().isObject()) {
      throw errors.ofRead(answer);
    }
    ObservedNsg nsg = NsgJson.read(answer.body());
    Optional<NsgRule> changing = changing(intent.ruleSet(), nsg);
    if (changing.isPresent() && NsgPlanner.plan(intent, nsg, marks).steps().isEmpty()) {
      // Right once the running operation is over: to write now would only meet its lock.
      throw new CloudException(
          ErrorCode.CONFLICT,
          "rule " + changing.get().name() + " is still being changed",
          Optional.of(CHANGING_PAUSE));
    }
    return new Observation(nsg, answer.body());
  }

  private Optional<NsgRule> changing(RuleSetId ruleSet, ObservedNsg nsg) {
    Ownership ownership = new Ownership(marks, ruleSet);
    return nsg.rules().stream()
        .filter(r -> r.state() == NsgRule.State.CHANGING && ownership.isOurs(r))
        .findFirst();
  }

  /**
   * Every group of a subscription that carries overdue allow rules of ours, with what takes them
   * away; by what is written in the cloud alone.
   */
  List<Overdue> overdue(Scope scope, Instant now) throws CloudException {
    List<Overdue> found = new ArrayList<>();
    try {
      for (JsonNode document : arm.list(groupsOf(scope), errors)) {
        RuleSetId ruleSet =
            new RuleSetId(document.path("id").asString("").toLowerCase(Locale.ROOT));
        ObservedNsg nsg = NsgJson.read(document);
        List<NsgStep> steps = Sweep.steps(ruleSet, nsg, marks, now);
        if (!steps.isEmpty()) {
          found.add(new Overdue(ruleSet, new Observation(nsg, document), steps));
        }
      }
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
    return found;
  }

  private static String groupsOf(Scope scope) {
    return "/subscriptions/%s/providers/Microsoft.Network/networkSecurityGroups"
        .formatted(scope.account());
  }

  /** A group with overdue rules. */
  record Overdue(RuleSetId ruleSet, Observation observation, List<NsgStep> steps) {}

  @Override
  public Plan<NsgStep> plan(RuleSetIntent intent, Observation observed) {
    return NsgPlanner.plan(intent, observed.nsg(), marks);
  }

  @Override
  public Assessment assess(RuleSetIntent intent, Observation observed) {
    return NsgAssessor.assess(intent, observed.nsg(), marks);
  }

  /** The group's ETag goes with them, so that ARM refuses them once anything has changed. */
  @Override
  public boolean onlyAdds(List<NsgStep> steps) {
    return steps.stream().allMatch(s -> s instanceof NsgStep.PutRule && s.opens());
  }

  /**
   * Writes all steps in one request, so that nobody sees them half done. When what opens is refused
   * for good, what closes is written without it.
   */
  @Override
  public Outcome apply(RuleSetIntent intent, Observation observed, List<NsgStep> steps) {
    return apply(intent.ruleSet(), observed, steps);
  }

  Outcome apply(RuleSetId ruleSet, Observation observed, List<NsgStep> steps) {
    Outcome outcome = write(ruleSet, observed, steps);
    List<NsgStep> closing = steps.stream().filter(s -> !s.opens()).toList();
    if (outcome instanceof Outcome.Refused && !closing.isEmpty()) {
      Outcome closed = write(ruleSet, observed, closing);
      return closed instanceof Outcome.Applied ? outcome : closed;
    }
    return outcome;
  }

  private Outcome write(RuleSetId ruleSet, Observation observed, List<NsgStep> steps) {
    try {
      return steps.size() == 1
          ? one(ruleSet.value(), observed, steps.getFirst())
          : whole(ruleSet.value(), observed, steps);
    } catch (RuntimeException e) {
      return errors.ofWrite(e);
    }
  }

  private Outcome one(String group, Observation observed, NsgStep step) {
    String rule = group + "/securityRules/" + step.name();
    String etag = observed.nsg().etag();
    ArmAnswer answer =
        switch (step) {
          case NsgStep.PutRule put ->
              arm.put(rule, NsgJson.body(put.rule()), etag, urgency(List.of(step)));
          case NsgStep.DeleteRule d -> arm.delete(rule, etag, urgency(List.of(step)));
        };
    if (answer.status() == 404 && step instanceof NsgStep.DeleteRule) {
      return new Outcome.Applied();
    }
    if (answer.status() == 412 && arm.get(group).body().path("etag").asString("").equals(etag)) {
      // Nobody changed the group: the rule itself has no such ETag, the group has.
      return whole(group, observed, List.of(step));
    }
    return ended(answer, rule, List.of(step));
  }

  private Outcome whole(String group, Observation observed, List<NsgStep> steps) {
    ArmAnswer answer =
        arm.put(
            group, NsgJson.body(observed.document(), steps), observed.nsg().etag(), urgency(steps));
    return ended(answer, group, steps);
  }

  private static ThrottleGate.Urgency urgency(List<NsgStep> steps) {
    if (steps.stream().anyMatch(s -> s instanceof NsgStep.DeleteRule)) {
      return ThrottleGate.Urgency.CLOSES;
    }
    return steps.stream().allMatch(NsgStep::opens)
        ? ThrottleGate.Urgency.OPENS
        : ThrottleGate.Urgency.LOCKS_DOWN;
  }

  private Outcome ended(ArmAnswer answer, String resource, List<NsgStep> steps) {
    return answer.isSuccess() ? operations.await(answer, resource) : errors.ofWrite(answer, steps);
  }

  @Override
  public List<Report.RuleSetBypass> unfiltered(MachineId machine) {
    return unfiltered.getOrDefault(machine.scope(), Map.of()).getOrDefault(machine, List.of());
  }

  @Override
  public List<String> missingPermissions(Scope scope) throws CloudException {
    try {
      return new SelfTest(arm, errors).missing(groupsOf(scope));
    } catch (RuntimeException e) {
      throw errors.ofRead(e);
    }
  }

  @Override
  public Map<String, String> describe(Observation observed) {
    return Words.describe(observed.nsg());
  }

  @Override
  public List<String> explain(Observation observed, List<NsgStep> steps) {
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
