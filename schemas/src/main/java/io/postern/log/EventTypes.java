package io.postern.log;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** The event types of the catalogue by their full names. */
final class EventTypes {
  private static final Map<String, Class<?>> BY_NAME =
      Topics.ALL.stream()
          .flatMap(t -> t.events().stream())
          .distinct()
          .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

  private EventTypes() {}

  static Optional<Class<?>> byFullName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Schema schemaOf(Class<? extends SpecificRecord> type) {
    return SpecificData.getForClass(type).getSchema(type);
  }
}
