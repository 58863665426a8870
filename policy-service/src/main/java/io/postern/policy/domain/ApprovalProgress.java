package io.postern.policy.domain;

import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.Requestor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far approvals have got under a rule. A person counts once, at one level, and never for the
 * own request; a person is told by the subject alone, so that nobody counts twice by coming through
 * two issuers.
 */
public final class ApprovalProgress {
  private final ApprovalRule rule;
  private final Requestor requestor;
  private final List<Approval> counted = new ArrayList<>();
  private final List<Requestor> atThisLevel = new ArrayList<>();
  private int level;

  private ApprovalProgress(ApprovalRule rule, Requestor requestor) {
    this.rule = rule;
    this.requestor = requestor;
  }

  /** Counts approvals in the order in which they were given; what does not count is left out. */
  public static ApprovalProgress of(
      ApprovalRule rule, Requestor requestor, List<Approval> approvals) {
    ApprovalProgress progress = new ApprovalProgress(rule, requestor);
    approvals.stream()
        .filter(a -> progress.objection(a.approver()).isEmpty())
        .forEach(progress::count);
    return progress;
  }

  private void count(Approval approval) {
    counted.add(approval);
    atThisLevel.add(approval.approver());
    if (rule.levels().get(level).isMetBy(atThisLevel)) {
      level++;
      atThisLevel.clear();
    }
  }

  /** Why an approval of this person would not count now; empty when it would. */
  Optional<Refusal> objection(Requestor person) {
    if (person.subject().equals(requestor.subject())) {
      return Optional.of(Refusal.SELF_APPROVAL);
    }
    if (!rule.names(person)) {
      return Optional.of(Refusal.NOT_AN_APPROVER);
    }
    if (isComplete() || counted.stream().anyMatch(a -> isSame(a, person))) {
      return Optional.of(Refusal.ALREADY_COUNTED);
    }
    return rule.levels().get(level).names(person)
        ? Optional.empty()
        : Optional.of(Refusal.NOT_THIS_LEVEL);
  }

  private static boolean isSame(Approval approval, Requestor person) {
    return approval.approver().subject().equals(person.subject());
  }

  boolean isComplete() {
    return level == rule.levels().size();
  }

  /** Approvals that counted, in order. */
  public List<Approval> counted() {
    return List.copyOf(counted);
  }

  /** The level whose turn it is, from 0; the number of levels when all are done. */
  public int level() {
    return level;
  }

  public List<ApprovalLevel> levels() {
    return rule.levels();
  }
}
