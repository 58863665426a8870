package io.postern.request.kafka;

import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.request.domain.RecordedEvent;
import io.postern.story.Sentences;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** An event of the log as the record shows it: whom and what it is about is read off its fields. */
final class EventRecord {
  /** Where an event names the person whom it is about, or whose word it is. */
  private static final List<String> PEOPLE =
      List.of("requestor", "approver", "reviewer", "by", "requestedBy");

  private EventRecord() {}

  static RecordedEvent of(SpecificRecord event, Instant at) {
    List<MachineId> machines = new ArrayList<>();
    text(event, "machineId").flatMap(m -> parsed(m, MachineId::new)).ifPresent(machines::add);
    for (String list : List.of("machines", "machineIds")) {
      if (field(event, list).orElse(null) instanceof List<?> several) {
        several.forEach(m -> parsed(m.toString(), MachineId::new).ifPresent(machines::add));
      }
    }
    return new RecordedEvent(
        text(event, "eventId").orElse(""),
        event.getSchema().getName(),
        at,
        text(event, "requestId").flatMap(id -> parsed(id, RequestId::parse)),
        text(event, "grantId").flatMap(id -> parsed(id, GrantId::parse)),
        machines,
        PEOPLE.stream()
            .flatMap(f -> field(event, f).stream())
            .filter(SpecificRecord.class::isInstance)
            .flatMap(p -> text((SpecificRecord) p, "subject").stream())
            .findFirst(),
        Sentences.of(event),
        event.toString());
  }

  private static Optional<Object> field(SpecificRecord event, String name) {
    Schema.Field f = event.getSchema().getField(name);
    return f == null ? Optional.empty() : Optional.ofNullable(event.get(f.pos()));
  }

  private static Optional<String> text(SpecificRecord event, String name) {
    return field(event, name).map(Object::toString);
  }

  /** What is not one is not named; the event shows it all the same. */
  private static <T> Optional<T> parsed(String text, Function<String, T> parse) {
    try {
      return Optional.of(parse.apply(text));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }
}
