package io.postern.log;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Kafka deserializer of events with Confluent's property names ({@code schema.registry.url}).
 * Throws {@link SerializationException} for a record that cannot be read: put Spring's {@code
 * ErrorHandlingDeserializer} or your own guard around it. It checks no signature.
 */
public final class AvroDeserializer implements Deserializer<SpecificRecord> {
  private @Nullable AvroFraming framing;

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    framing = new AvroFraming(SchemaRegistry.fromConfig(configs), false);
  }

  @Override
  public @Nullable SpecificRecord deserialize(String topic, byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    if (framing == null) {
      throw new IllegalStateException("the deserializer is not configured");
    }
    try {
      return framing.decode(value);
    } catch (PoisonException e) {
      throw new SerializationException(e.reason() + ": " + e.getMessage(), e);
    }
  }
}
