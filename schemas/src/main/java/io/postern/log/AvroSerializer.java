package io.postern.log;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Kafka serializer of events with Confluent's property names, so that {@code
 * io.confluent.kafka.serializers.KafkaAvroSerializer} can take its place by class name alone:
 * {@code schema.registry.url}, {@code auto.register.schemas} (default false here).
 */
public final class AvroSerializer implements Serializer<SpecificRecord> {
  private @Nullable AvroFraming framing;

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    framing =
        new AvroFraming(
            SchemaRegistry.fromConfig(configs),
            Boolean.parseBoolean(String.valueOf(configs.get("auto.register.schemas"))));
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable SpecificRecord event) {
    if (event == null) {
      return null;
    }
    if (framing == null) {
      throw new IllegalStateException("the serializer is not configured");
    }
    return framing.encode(topic, event);
  }
}
