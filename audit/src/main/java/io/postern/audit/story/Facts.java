package io.postern.audit.story;

import io.postern.event.Person;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * Whom and what an event is about, by the names that all events use for their fields.
 *
 * @param persons subjects
 */
public record Facts(
    Optional<String> requestId,
    Optional<String> grantId,
    Set<String> machines,
    Set<String> persons) {

  private static final List<String> MACHINES = List.of("machineId", "machines", "machineIds");
  private static final List<String> PERSONS =
      List.of("requestor", "approver", "reviewer", "by", "revokedBy");

  public static Facts of(SpecificRecord event) {
    Set<String> machines = new HashSet<>();
    for (String name : MACHINES) {
      Object value = field(event, name).orElse(List.of());
      if (value instanceof List<?> list) {
        list.forEach(m -> machines.add(m.toString()));
      } else {
        machines.add(value.toString());
      }
    }
    Set<String> persons = new HashSet<>();
    for (String name : PERSONS) {
      field(event, name)
          .ifPresent(
              p -> persons.add(p instanceof Person person ? person.getSubject() : p.toString()));
    }
    return new Facts(text(event, "requestId"), text(event, "grantId"), machines, persons);
  }

  /** A field of an event as text. */
  static Optional<String> text(SpecificRecord event, String name) {
    return field(event, name).map(Object::toString);
  }

  /** When the writer saw it happen. */
  static Optional<Instant> occurredAt(SpecificRecord event) {
    return field(event, "occurredAt").map(Instant.class::cast);
  }

  private static Optional<Object> field(SpecificRecord event, String name) {
    Schema.Field field = event.getSchema().getField(name);
    return field == null ? Optional.empty() : Optional.ofNullable(event.get(field.pos()));
  }
}
