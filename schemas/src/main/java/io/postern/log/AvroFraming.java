package io.postern.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro in the Confluent wire format: magic byte 0, four bytes of schema id, the binary encoding.
 * The subject of a schema is {@code <topic>-<full name of the record>} (TopicRecordName).
 */
public final class AvroFraming {
  /** Longest value that is decoded, in bytes; Kafka's own default limit of a record. */
  public static final int MAX_VALUE_BYTES = 1 << 20;

  private static final int KEPT_BYTES = 1 << 16;
  private static final String EVENTS_PACKAGE = "io.postern.event.";

  static {
    // Avro creates classes that a schema names only from packages that are trusted.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getName().startsWith(EVENTS_PACKAGE)));
  }

  private record Use(String topic, Class<?> type) {}

  private final SchemaRegistry registry;
  private final boolean autoRegister;
  private final Map<Use, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Class<?>> types = new ConcurrentHashMap<>();
  // A reader holds the two schemas against each other when it first reads, which takes longer than
  // reading. Avro does not say that several threads may share one.
  private final ThreadLocal<Map<Integer, DatumReader<SpecificRecord>>> readers =
      ThreadLocal.withInitial(HashMap::new);
  private final ThreadLocal<Writing> writing = ThreadLocal.withInitial(Writing::new);

  /** What a thread writes with. */
  private record Writing(
      Map<Class<?>, DatumWriter<SpecificRecord>> writers,
      ByteArrayOutputStream bytes,
      BinaryEncoder encoder) {
    Writing() {
      this(
          new HashMap<>(),
          new ByteArrayOutputStream(2048),
          EncoderFactory.get().binaryEncoder(OutputStream.nullOutputStream(), null));
    }

    DatumWriter<SpecificRecord> writer(Class<?> type, Schema schema) {
      return writers.computeIfAbsent(
          type, t -> new SpecificDatumWriter<>(schema, SpecificData.getForClass(t)));
    }
  }

  /**
   * @param autoRegister whether a schema that the registry does not know is registered when it is
   *     first written; otherwise writing it fails
   */
  public AvroFraming(SchemaRegistry registry, boolean autoRegister) {
    this.registry = registry;
    this.autoRegister = autoRegister;
  }

  /** The subject under which a type's schema is registered for a topic. */
  public static String subject(String topic, Schema schema) {
    return topic + "-" + schema.getFullName();
  }

  /**
   * @throws RegistryException when the schema is not registered, or the registry does not answer
   */
  public byte[] encode(String topic, SpecificRecord event) {
    Schema schema = event.getSchema();
    int id =
        ids.computeIfAbsent(
            new Use(topic, event.getClass()),
            u ->
                autoRegister
                    ? registry.register(subject(topic, schema), schema)
                    : registry.lookUp(subject(topic, schema), schema));
    Writing mine = writing.get();
    ByteArrayOutputStream out = mine.bytes();
    // What a value that could not be written has left in the encoder comes out here, before the
    // bytes are begun anew.
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, mine.encoder());
    out.reset();
    out.write(0);
    out.writeBytes(ByteBuffer.allocate(4).putInt(id).array());
    try {
      mine.writer(event.getClass(), schema).write(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    if (out.size() > KEPT_BYTES) {
      // What a large value took is given back.
      writing.remove();
    }
    return out.toByteArray();
  }

  /**
   * Reads a framed value into our class of the type that its schema names.
   *
   * @throws PoisonException when it is not framed, its schema or type is unknown, or its bytes do
   *     not fit the schema exactly
   * @throws RegistryException when the registry does not answer; the value may be good
   */
  public SpecificRecord decode(byte[] value) throws PoisonException {
    if (value.length > MAX_VALUE_BYTES) {
      throw new PoisonException(
          PoisonException.Cause.TOO_LARGE, value.length + " bytes, at most " + MAX_VALUE_BYTES);
    }
    int id = idOf(value);
    Schema written = schemaOf(id);
    return read(value, written, reader(id, written));
  }

  /**
   * Reads a framed value that was written with the schema that this version has of a type, for a
   * reader who asks no registry and so need not believe one.
   *
   * @throws PoisonException when it is not framed, or its bytes do not fit the schema exactly
   */
  public static SpecificRecord decodeAs(Class<? extends SpecificRecord> type, byte[] value)
      throws PoisonException {
    idOf(value);
    Schema schema = EventTypes.schemaOf(type);
    return read(
        value, schema, new SpecificDatumReader<>(schema, schema, SpecificData.getForClass(type)));
  }

  private static int idOf(byte[] value) throws PoisonException {
    if (value.length < 5 || value[0] != 0) {
      throw new PoisonException(
          PoisonException.Cause.NOT_FRAMED,
          "no magic byte 0 and schema id at the start of the value");
    }
    return ByteBuffer.wrap(value, 1, 4).getInt();
  }

  private static SpecificRecord read(
      byte[] value, Schema written, DatumReader<SpecificRecord> reader) throws PoisonException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
    try {
      SpecificRecord event = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw new PoisonException(
            PoisonException.Cause.BROKEN_BYTES, "bytes left over after " + written.getFullName());
      }
      return event;
    } catch (IOException | RuntimeException e) {
      // Whatever Avro throws: of lengths alone it has three kinds of exception.
      throw new PoisonException(
          PoisonException.Cause.BROKEN_BYTES,
          "not a " + written.getFullName() + ": " + e.getMessage());
    }
  }

  private DatumReader<SpecificRecord> reader(int id, Schema written) throws PoisonException {
    Map<Integer, DatumReader<SpecificRecord>> known = readers.get();
    DatumReader<SpecificRecord> reader = known.get(id);
    if (reader == null) {
      Class<?> type = typeOf(id, written);
      SpecificData data = SpecificData.getForClass(type);
      reader = new SpecificDatumReader<>(written, data.getSchema(type), data);
      known.put(id, reader);
    }
    return reader;
  }

  /** The schema that a framed value names. */
  Schema writerSchema(byte[] value) throws PoisonException {
    return schemaOf(idOf(value));
  }

  private Schema schemaOf(int id) throws PoisonException {
    try {
      return registry.byId(id);
    } catch (RegistryException e) {
      if (e.isNotFound()) {
        throw new PoisonException(
            PoisonException.Cause.UNKNOWN_SCHEMA, "the registry knows no schema " + id);
      }
      throw e;
    }
  }

  private Class<?> typeOf(int id, Schema written) throws PoisonException {
    Class<?> known = types.get(id);
    if (known != null) {
      return known;
    }
    Optional<Class<?>> type = EventTypes.byFullName(written.getFullName());
    if (type.isEmpty()) {
      throw new PoisonException(
          PoisonException.Cause.UNEXPECTED_TYPE, "no event of ours: " + written.getFullName());
    }
    types.put(id, type.get());
    return type.get();
  }
}
