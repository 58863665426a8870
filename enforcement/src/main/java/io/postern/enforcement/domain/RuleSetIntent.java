package io.postern.enforcement.domain;

import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What one rule set must do now.
 *
 * @param machines every known machine whose traffic it filters, under just-in-time access or not
 * @param restorePoint what we owe it, as last recorded; empty when it carries nothing of ours
 */
public record RuleSetIntent(
    RuleSetId ruleSet,
    Scope scope,
    List<MachineIntent> machines,
    Optional<RestorePoint> restorePoint,
    Instant now) {
  public RuleSetIntent {
    machines = List.copyOf(machines);
  }

  /** The same with only those grants that fit. */
  public RuleSetIntent keeping(Predicate<Grant> which) {
    return withGrants(m -> m.grants().stream().filter(which).toList());
  }

  RuleSetIntent withGrants(Function<MachineIntent, List<Grant>> grants) {
    List<MachineIntent> changed =
        machines.stream()
            .map(m -> new MachineIntent(m.facts(), m.lock(), grants.apply(m)))
            .toList();
    return new RuleSetIntent(ruleSet, scope, changed, restorePoint, now);
  }

  /** The same with another restore point. */
  public RuleSetIntent owing(Optional<RestorePoint> owed) {
    return new RuleSetIntent(ruleSet, scope, machines, owed, now);
  }
}
