package io.postern.azure.cloud;

import io.postern.azure.domain.Hops;
import io.postern.azure.domain.NsgPlanner;
import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.NsgStep;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.domain.Ownership;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads and writes network security groups. */
final class SecurityGroups {
  private static final Duration CHANGING_PAUSE = Duration.ofSeconds(1);

  private final Arm arm;
  private final Marks marks;
  private final ArmErrors errors;
  private final LongRunning operations;

  SecurityGroups(Arm arm, Marks marks, ArmErrors errors, LongRunning operations) {
    this.arm = arm;
    this.marks = marks;
    this.errors = errors;
    this.operations = operations;
  }

  Observation.OfNsg read(RuleSetIntent intent, ArmAnswer answer, Hops hops) throws CloudException {
    ObservedNsg nsg = NsgJson.read(answer.body());
    Optional<NsgRule> changing = changing(intent.ruleSet(), nsg);
    if (changing.isPresent() && NsgPlanner.plan(intent, nsg, hops, marks).steps().isEmpty()) {
      // Right once the running operation is over: to write now would only meet its lock.
      throw new CloudException(
          ErrorCode.CONFLICT,
          "rule " + changing.get().name() + " is still being changed",
          Optional.of(CHANGING_PAUSE));
    }
    return new Observation.OfNsg(nsg, answer.body(), hops);
  }

  private Optional<NsgRule> changing(RuleSetId ruleSet, ObservedNsg nsg) {
    Ownership ownership = new Ownership(marks, ruleSet);
    return nsg.rules().stream()
        .filter(r -> r.state() == NsgRule.State.CHANGING && ownership.isOurs(r))
        .findFirst();
  }

  /** What concerns one rule is a write of that rule, what concerns more is one of the group. */
  Outcome write(String group, Observation.OfNsg observed, List<NsgStep> steps) {
    return steps.size() == 1 && steps.getFirst().names().size() == 1
        ? one(group, observed, steps.getFirst())
        : whole(group, observed, steps);
  }

  private Outcome one(String group, Observation.OfNsg observed, NsgStep step) {
    String rule = group + "/securityRules/" + step.name();
    String etag = observed.etag();
    ThrottleGate.Urgency urgency = ThrottleGate.Urgency.of(List.of(step));
    ArmAnswer answer =
        switch (step) {
          case NsgStep.PutRule put -> arm.put(rule, NsgJson.body(put.rule()), etag, urgency);
          case NsgStep.DeleteRule d -> arm.delete(rule, etag, urgency);
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

  private Outcome whole(String group, Observation.OfNsg observed, List<NsgStep> steps) {
    ArmAnswer answer =
        arm.put(
            group,
            NsgJson.body(observed.document(), steps),
            observed.etag(),
            ThrottleGate.Urgency.of(steps));
    return ended(answer, group, steps);
  }

  private Outcome ended(ArmAnswer answer, String resource, List<NsgStep> steps) {
    return answer.isSuccess() ? operations.await(answer, resource) : errors.ofWrite(answer, steps);
  }
}
