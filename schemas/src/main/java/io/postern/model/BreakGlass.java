package io.postern.model;

import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Who may open at once in an emergency, without approval, windows or condition.
 *
 * @param longest longest grant of this kind, in place of the ports' own
 */
public record BreakGlass(Set<String> groups, Set<Subject> subjects, Duration longest) {
  public BreakGlass {
    groups = Set.copyOf(groups);
    subjects = Set.copyOf(subjects);
  }

  BreakGlass withSubjects(UnaryOperator<Set<Subject>> change) {
    return new BreakGlass(groups, change.apply(subjects), longest);
  }

  public boolean names(Requestor person) {
    return Subject.anyMatches(subjects, person)
        || person.groups().stream().anyMatch(groups::contains);
  }
}
