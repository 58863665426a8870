package io.postern.azure.domain;

import io.postern.enforcement.domain.Marks;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is overdue in a group, by what is written in it alone. */
public final class Sweep {
  private Sweep() {}

  /**
   * Deletes allow rules of this installation whose end is over. A mark that is not authentic is
   * believed in its end all the same, or a new key would close every running grant; a rule of ours
   * that names no end has none to wait for.
   */
  public static List<NsgStep> steps(
      RuleSetId ruleSet, ObservedNsg observed, Marks marks, Instant now) {
    Ownership ownership = new Ownership(marks, ruleSet);
    List<NsgStep> steps = new ArrayList<>();
    for (NsgRule rule : observed.rules()) {
      boolean allow = rule.key().startsWith(Ownership.ALLOW) && ownership.isOurs(rule);
      if (allow && ownership.mark(rule).map(m -> !m.until().isAfter(now)).orElse(true)) {
        steps.add(new NsgStep.DeleteRule(rule.name()));
      }
    }
    return steps;
  }

  /** Likewise in an Azure Firewall. */
  public static List<FirewallStep> steps(
      RuleSetId firewall, ObservedFirewall observed, Marks marks, Instant now) {
    FirewallOwnership ownership = new FirewallOwnership(marks, firewall);
    return new FirewallView(observed, ownership)
        .ours.stream()
            .filter(p -> ownership.isAllow(p.rule()))
            .filter(p -> ownership.mark(p.rule()).map(m -> !m.until().isAfter(now)).orElse(true))
            .<FirewallStep>map(FirewallView.Placed::delete)
            .toList();
  }
}
