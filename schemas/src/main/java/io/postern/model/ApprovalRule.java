package io.postern.model;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Who must agree before a port is granted: each level in turn.
 *
 * @param levels at least one; the first is asked first
 * @param timeout how long a request waits for all of them together
 */
public record ApprovalRule(List<ApprovalLevel> levels, Duration timeout) {
  public ApprovalRule {
    levels = List.copyOf(levels);
  }

  ApprovalRule withSubjects(UnaryOperator<Set<Subject>> change) {
    return new ApprovalRule(levels.stream().map(l -> l.withSubjects(change)).toList(), timeout);
  }

  /** Whether the person may approve at some level; a requestor may not approve the own request. */
  public boolean names(Requestor person) {
    return levels.stream().anyMatch(l -> l.names(person));
  }
}
