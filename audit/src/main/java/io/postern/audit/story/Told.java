package io.postern.audit.story;

import io.postern.audit.domain.Place;
import io.postern.story.Sentences;
import io.postern.story.Words;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * An event and where it stands.
 *
 * @param at when the log took it
 * @param speaker who signed it
 * @param disbelieved why it is not to be believed, if so: not signed, or by the wrong one
 */
public record Told(
    Place place,
    long offset,
    Instant at,
    SpecificRecord event,
    String speaker,
    Optional<String> disbelieved) {
  /** A line of the record: when, what, and a warning where it is not to be believed. */
  public String line() {
    return Words.time(at)
        + "  "
        + disbelieved.map(why -> "[not to be believed, " + why + "] ").orElse("")
        + Sentences.of(event);
  }
}
