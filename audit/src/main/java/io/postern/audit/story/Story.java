package io.postern.audit.story;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Picks what belongs to a subject out of all events, in two passes over them: the first learns
 * which requests and grants are meant, the second keeps what is about them. Events of different
 * partitions may come in any order.
 */
public final class Story {
  private final Subject subject;
  private final Set<String> requests = new HashSet<>();
  private final Set<String> grants = new HashSet<>();
  private final List<Told> kept = new ArrayList<>();

  public Story(Subject subject) {
    this.subject = subject;
    if (subject instanceof Subject.Request(String id)) {
      requests.add(id);
    }
  }

  /** First pass: whether an event teaches which requests and grants are meant. */
  public boolean teaches(Facts facts) {
    return !(subject instanceof Subject.Machine) && subject.isIn(facts);
  }

  /** First pass: an event that teaches, and is believed. */
  public void learn(Facts facts) {
    facts.requestId().ifPresent(requests::add);
    facts.grantId().ifPresent(grants::add);
  }

  /** Second pass: whether an event belongs to the story. */
  public boolean belongs(Facts facts) {
    return subject.isIn(facts)
        || facts.requestId().filter(requests::contains).isPresent()
        || facts.grantId().filter(grants::contains).isPresent();
  }

  /** Second pass: an event that belongs. */
  public void keep(Told told) {
    kept.add(told);
  }

  /** What was kept, in the order of the log's time. */
  public List<Told> told() {
    return kept.stream()
        .sorted(
            Comparator.comparing(Told::at)
                .thenComparing(t -> Facts.occurredAt(t.event()).orElse(t.at()))
                .thenComparing(Told::place)
                .thenComparing(Told::offset))
        .toList();
  }
}
