package io.postern.enforcement.domain;

import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
}
