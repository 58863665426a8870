package io.postern.model;

import java.util.Collection;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One level of an approval.
 *
 * @param all false: {@code count} of the people named, whoever they are. True: {@code count} people
 *     of each group, and each subject; who is in two of the groups stands for both.
 * @param count how many; at least one
 */
public record ApprovalLevel(boolean all, Set<String> groups, Set<Subject> subjects, int count) {
  public ApprovalLevel {
    groups = Set.copyOf(groups);
    subjects = Set.copyOf(subjects);
  }

  public boolean names(Requestor person) {
    return Subject.anyMatches(subjects, person)
        || person.groups().stream().anyMatch(groups::contains);
  }

  ApprovalLevel withSubjects(UnaryOperator<Set<Subject>> change) {
    return new ApprovalLevel(all, groups, change.apply(subjects), count);
  }

  /** Whether these people, each of whom the level names, are enough. */
  public boolean isMetBy(Collection<Requestor> people) {
    if (!all) {
      return people.size() >= count;
    }
    return groups.stream()
            .allMatch(g -> people.stream().filter(p -> p.groups().contains(g)).count() >= count)
        && subjects.stream().allMatch(s -> people.stream().anyMatch(s::matches));
  }
}
