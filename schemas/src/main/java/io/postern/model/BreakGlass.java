package io.postern.model;

import java.time.Duration;
import java.util.Set;

/**
 * Who may open at once in an emergency, without approval, windows or condition.
 *
 * @param longest longest grant of this kind, in place of the ports' own
 */
public record BreakGlass(Set<String> groups, Set<String> subjects, Duration longest) {
  public BreakGlass {
    groups = Set.copyOf(groups);
    subjects = Set.copyOf(subjects);
  }

  public boolean names(Requestor person) {
    return subjects.contains(person.subject())
        || person.groups().stream().anyMatch(groups::contains);
  }
}
