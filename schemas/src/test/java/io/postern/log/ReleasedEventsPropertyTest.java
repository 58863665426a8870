package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Services of the last release and of this one on the same topics: random events that either wrote,
 * as bytes, are read by the other.
 */
class ReleasedEventsPropertyTest {
  private static final int EVENTS = 300;

  @BeforeAll
  static void trustTheEventsAsTheServicesDo() throws IllegalAccessException {
    MethodHandles.lookup().ensureInitialized(AvroFraming.class);
  }

  static Stream<Path> released() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/released/0.1.0"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("released")
  void whatTheLastReleaseWroteGoesThroughThisOneUnchanged(Path file) throws Exception {
    Schema old = new SchemaParser().parse(Files.readString(file)).mainSchema();
    Class<?> type = EventTypes.byFullName(old.getFullName()).orElseThrow();
    SpecificData data = SpecificData.getForClass(type);
    Schema now = data.getSchema(type);
    long seed = System.nanoTime();
    for (Object event : new RandomData(old, EVENTS, seed)) {
      byte[] written = write(new GenericDatumWriter<>(old), event);
      SpecificRecord here = this.<SpecificRecord>read(data.createDatumReader(old, now), written);
      byte[] again = write(data.createDatumWriter(now), here);
      Object there = read(new GenericDatumReader<>(now, old), again);
      // Records are equal whatever the order of their maps.
      assertThat(there).as("%s, seed %d", old.getName(), seed).isEqualTo(event);
    }
  }

  @ParameterizedTest
  @MethodSource("released")
  void theLastReleaseReadsWhatThisOneWrites(Path file) throws Exception {
    Schema old = new SchemaParser().parse(Files.readString(file)).mainSchema();
    Schema now =
        SpecificData.get().getSchema(EventTypes.byFullName(old.getFullName()).orElseThrow());
    List<String> kept =
        old.getFields().stream()
            .map(Schema.Field::name)
            .filter(n -> now.getField(n) != null)
            .toList();
    long seed = System.nanoTime();
    for (Object event : new RandomData(now, EVENTS, seed)) {
      byte[] written = write(new GenericDatumWriter<>(now), event);
      GenericData.Record there = read(new GenericDatumReader<>(now, old), written);
      for (String field : kept) {
        if (now.getField(field).schema().equals(old.getField(field).schema())) {
          assertThat(there.get(field))
              .as("%s.%s, seed %d", old.getName(), field, seed)
              .isEqualTo(((GenericData.Record) event).get(field));
        }
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static byte[] write(DatumWriter<?> writer, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    ((DatumWriter<Object>) writer).write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <T> T read(DatumReader<?> reader, byte[] bytes) throws IOException {
    return ((DatumReader<T>) reader).read(null, DecoderFactory.get().binaryDecoder(bytes, null));
  }
}
