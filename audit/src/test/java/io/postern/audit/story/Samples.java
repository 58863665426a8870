package io.postern.audit.story;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * An event of any schema, with something in each field, or in those only that must have something.
 */
final class Samples {
  private Samples() {}

  static SpecificRecord of(Schema schema) throws ReflectiveOperationException {
    return of(schema, false);
  }

  /** Without what may be missing, and with empty lists. */
  static SpecificRecord bare(Schema schema) throws ReflectiveOperationException {
    return of(schema, true);
  }

  private static SpecificRecord of(Schema schema, boolean bare)
      throws ReflectiveOperationException {
    SpecificRecord event =
        (SpecificRecord) SpecificData.get().getClass(schema).getDeclaredConstructor().newInstance();
    for (Schema.Field field : schema.getFields()) {
      event.put(field.pos(), value(field.schema(), bare));
    }
    return event;
  }

  private static @Nullable Object value(Schema schema, boolean bare)
      throws ReflectiveOperationException {
    return switch (schema.getType()) {
      case RECORD -> of(schema, bare);
      case ENUM ->
          Enum.valueOf(
              SpecificData.get().getClass(schema).asSubclass(Enum.class),
              schema.getEnumSymbols().get(0));
      case ARRAY ->
          bare ? List.of() : List.of(Objects.requireNonNull(value(schema.getElementType(), false)));
      case MAP -> Map.of();
      case UNION ->
          bare && schema.isNullable()
              ? null
              : value(schema.getTypes().get(schema.getTypes().size() - 1), bare);
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
