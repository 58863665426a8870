package io.postern.audit.story;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** An event of any schema, with something in each field. */
final class Samples {
  private Samples() {}

  static SpecificRecord of(Schema schema) throws ReflectiveOperationException {
    SpecificRecord event =
        (SpecificRecord) SpecificData.get().getClass(schema).getDeclaredConstructor().newInstance();
    for (Schema.Field field : schema.getFields()) {
      event.put(field.pos(), value(field.schema()));
    }
    return event;
  }

  private static @Nullable Object value(Schema schema) throws ReflectiveOperationException {
    return switch (schema.getType()) {
      case RECORD -> of(schema);
      case ENUM ->
          Enum.valueOf(
              SpecificData.get().getClass(schema).asSubclass(Enum.class),
              schema.getEnumSymbols().get(0));
      case ARRAY -> List.of(java.util.Objects.requireNonNull(value(schema.getElementType())));
      case MAP -> Map.of();
      case UNION -> value(schema.getTypes().get(schema.getTypes().size() - 1));
      case STRING -> "x";
      case BYTES -> ByteBuffer.allocate(0);
      case INT -> 1;
      case LONG -> schema.getLogicalType() == null ? 1L : (Object) Instant.EPOCH;
      case DOUBLE -> 1.0;
      case FLOAT -> 1.0f;
      case BOOLEAN -> false;
      case NULL, FIXED -> null;
    };
  }
}
