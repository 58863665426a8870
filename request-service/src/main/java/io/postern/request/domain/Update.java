package io.postern.request.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one record of the log does to the read model.
 *
 * @param offset the record's own
 * @param at when the log took it
 * @param facts none for a record that says nothing, or nothing that can be read
 */
public record Update(
    String topic,
    int partition,
    long offset,
    Instant at,
    List<Fact> facts,
    Optional<RecordedEvent> event) {
  public Update {
    facts = List.copyOf(facts);
  }
}
