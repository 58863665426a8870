package io.postern.enforcement;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Rehearsal;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says what a policy would have written, by the planner that would write it, from rule sets read
 * for the purpose. Writes nothing.
 */
final class Rehearser<O, S> {
  private final CloudAdapter<O, S> cloud;

  Rehearser(CloudAdapter<O, S> cloud) {
    this.cloud = cloud;
  }

  /**
   * The answers, one for each machine.
   *
   * @param machines the machines concerned
   * @param intents what each of their rule sets would have to do
   */
  List<Report.Planned> answers(
      Rehearsal rehearsal, List<MachineFacts> machines, Map<RuleSetId, RuleSetIntent> intents) {
    Map<RuleSetId, RuleSetPlan> plans = new HashMap<>();
    intents.forEach((id, intent) -> plans.put(id, plan(intent)));
    List<Report.Planned> answers = new ArrayList<>();
    for (MachineFacts machine : machines) {
      List<String> steps = new ArrayList<>();
      boolean writes = false;
      for (RuleSetId id : machine.ruleSets()) {
        RuleSetPlan plan = plans.get(id);
        if (plan != null) {
          steps.addAll(plan.of(machine));
          writes |= !plan.steps().isEmpty();
        }
      }
      cloud
          .unfiltered(machine.id())
          .forEach(b -> steps.add("%s: %s.".formatted(b.ruleSet(), b.bypass().explanation())));
      if (machine.ruleSets().isEmpty()) {
        steps.add("Nothing filters this machine's traffic: its ports cannot be closed.");
      }
      if (writes && !cloud.lockdownNotice().isEmpty()) {
        steps.add(cloud.lockdownNotice());
      }
      answers.add(
          new Report.Planned(
              rehearsal.changeId(), rehearsal.policy().id(), machine, steps, machines.size()));
    }
    return answers;
  }

  /** What one rule set has to do with it, in words. */
  private record RuleSetPlan(
      RuleSetIntent intent, List<String> steps, List<String> notes, Map<?, Plan.Refusal> refused) {

    List<String> of(MachineFacts machine) {
      List<String> sentences = new ArrayList<>();
      steps.forEach(s -> sentences.add("%s: %s.".formatted(intent.ruleSet(), s)));
      List<String> others =
          intent.machines().stream()
              .map(MachineIntent::facts)
              .filter(f -> !f.id().equals(machine.id()))
              .map(f -> "%s (%s)".formatted(f.name(), f.id()))
              .toList();
      if (!steps.isEmpty() && !others.isEmpty()) {
        sentences.add(
            "%s filters the traffic of these machines too: %s."
                .formatted(intent.ruleSet(), String.join(", ", others)));
      }
      Plan.Refusal refusal = refused.get(machine.id());
      if (refusal != null) {
        sentences.add("Refused: %s.".formatted(refusal.message()));
      }
      sentences.addAll(notes);
      return sentences;
    }
  }

  private RuleSetPlan plan(RuleSetIntent intent) {
    try {
      O observed = cloud.observe(intent);
      Plan<S> plan = cloud.plan(intent, observed);
      return new RuleSetPlan(
          intent,
          cloud.explain(observed, plan.steps()),
          cloud.foresee(intent, observed),
          plan.refusedLocks());
    } catch (CloudException e) {
      return new RuleSetPlan(
          intent,
          List.of(),
          List.of("%s cannot be read now: %s.".formatted(intent.ruleSet(), e.getMessage())),
          Map.of());
    }
  }
}
