package io.postern.request.sql;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.model.Subject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** The domain's values as text and numbers of the store. */
final class Docs {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule("postern")
                  .addSerializer(RequestId.class, new ToStringSerializer(RequestId.class))
                  .addSerializer(GrantId.class, new ToStringSerializer(GrantId.class))
                  .addSerializer(MachineId.class, new ToStringSerializer(MachineId.class))
                  .addSerializer(Cidr.class, new ToStringSerializer(Cidr.class))
                  .addSerializer(Subject.class, new OfSubject())
                  .addDeserializer(Subject.class, new ToSubject())
                  .addDeserializer(
                      RequestId.class, new FromText<>(RequestId.class, RequestId::parse))
                  .addDeserializer(GrantId.class, new FromText<>(GrantId.class, GrantId::parse))
                  .addDeserializer(MachineId.class, new FromText<>(MachineId.class, MachineId::new))
                  .addDeserializer(Cidr.class, new FromText<>(Cidr.class, Cidr::parse)))
          .build();

  private Docs() {}

  private static final class FromText<T> extends StdDeserializer<T> {
    private final transient Function<String, T> parse;

    FromText(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      return parse.apply(parser.getString());
    }
  }

  /** A plain name is a text, as it was before policies named issuers. */
  private static final class OfSubject extends StdSerializer<Subject> {
    OfSubject() {
      super(Subject.class);
    }

    @Override
    public void serialize(Subject subject, JsonGenerator out, SerializationContext context) {
      if (subject.isPlain()) {
        out.writeString(subject.name());
        return;
      }
      out.writeStartObject();
      out.writeStringProperty("issuer", subject.issuer().orElseThrow());
      out.writeStringProperty("subject", subject.name());
      out.writeEndObject();
    }
  }

  private static final class ToSubject extends StdDeserializer<Subject> {
    ToSubject() {
      super(Subject.class);
    }

    @Override
    public Subject deserialize(JsonParser parser, DeserializationContext context) {
      JsonNode node = context.readTree(parser);
      return node.isString()
          ? Subject.plain(node.asString())
          : Subject.of(node.path("issuer").asString(), node.path("subject").asString());
    }
  }

  static String write(Object value) {
    return JSON.writeValueAsString(value);
  }

  static <T> T read(String doc, Class<T> type) {
    return JSON.readValue(doc, type);
  }

  /** Microseconds since 1970, what is finer cut off. */
  static long micros(Instant moment) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
  }

  static Instant moment(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
