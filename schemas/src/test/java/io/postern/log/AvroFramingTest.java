package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.postern.event.Lease;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AvroFramingTest {
  private static final int OF_A_TYPE = 20;

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private HttpServer registry;
  private AvroFraming framing;

  @BeforeEach
  void startRegistry() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/subjects/",
        exchange -> {
          String subject = exchange.getRequestURI().getPath().split("/")[2];
          byte[] answer = "{\"id\":%d}".formatted(id(subject)).getBytes(StandardCharsets.UTF_8);
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    registry.start();
    String url = "http://127.0.0.1:" + registry.getAddress().getPort();
    framing = new AvroFraming(new SchemaRegistry(List.of(url), Optional.empty()), false);
  }

  @AfterEach
  void stopRegistry() {
    registry.stop(0);
  }

  private synchronized int id(String subject) {
    return ids.computeIfAbsent(subject, s -> 1_000_000 + ids.size());
  }

  private record Sample(String topic, SpecificRecord event) {}

  private List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Topic topic : Topics.ALL) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        for (Object each : new RandomData(EventTypes.schemaOf(type), OF_A_TYPE, seed)) {
          samples.add(new Sample(topic.name(), event(type, each)));
        }
      }
    }
    return samples;
  }

  private static SpecificRecord event(Class<? extends SpecificRecord> type, Object generic)
      throws IOException {
    Schema schema = EventTypes.schemaOf(type);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<>(schema).write(generic, encoder);
    return (SpecificRecord)
        SpecificData.getForClass(type)
            .createDatumReader(schema, schema)
            .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
  }

  /** With a writer of its own and an encoder that holds nothing back. */
  private byte[] written(Sample sample) throws IOException {
    Schema schema = sample.event().getSchema();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0);
    int id = id(AvroFraming.subject(sample.topic(), schema));
    out.writeBytes(ByteBuffer.allocate(4).putInt(id).array());
    new SpecificDatumWriter<SpecificRecord>(
            schema, SpecificData.getForClass(sample.event().getClass()))
        .write(sample.event(), EncoderFactory.get().directBinaryEncoder(out, null));
    return out.toByteArray();
  }

  @Test
  void everyTypeOfEventIsWrittenAsByAWriterOfItsOwn() throws IOException {
    for (Sample each : samples()) {
      assertThat(framing.encode(each.topic(), each.event()))
          .as("%s, seed %d", each, seed)
          .isEqualTo(written(each));
    }
  }

  @Test
  void anEventThatCannotBeWrittenLeavesNothingBehind() throws IOException {
    for (Sample each : samples()) {
      Lease incomplete = new Lease();
      incomplete.put(0, "a grant without a machine");
      assertThatThrownBy(() -> framing.encode(Topics.LEASES.name(), incomplete))
          .isInstanceOf(NullPointerException.class);
      assertThat(framing.encode(each.topic(), each.event())).isEqualTo(written(each));
    }
  }

  @Test
  void manyThreadsWriteAtOnce() throws Exception {
    List<Sample> samples = samples();
    Callable<Void> writer =
        () -> {
          for (Sample each : samples) {
            assertThat(framing.encode(each.topic(), each.event())).isEqualTo(written(each));
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Void> each : threads.invokeAll(List.of(writer, writer, writer, writer))) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
