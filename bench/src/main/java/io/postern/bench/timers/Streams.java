package io.postern.bench.timers;

import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams with RocksDB, keys ordered by time, and a punctuator every 10 ms. */
final class Streams implements Contestant {
  private static final String IN = "bench.timers.streams-in";
  private static final byte[] HEADER = new byte[850];

  private final KafkaStreams streams;
  private final KafkaProducer<byte[], byte[]> producer;

  Streams(KafkaSettings kafka, Path directory) throws InterruptedException, ExecutionException {
    Sink.create(kafka, IN);
    Sink.create(kafka, topic());
    producer = kafka.newProducer("bench-streams");
    Topology topology = new Topology();
    topology
        .addSource("in", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), IN)
        .addProcessor("timers", Timers::new, "in")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("timers"), Serdes.Bytes(), Serdes.ByteArray()),
            "timers")
        .addSink(
            "out",
            topic(),
            Serdes.ByteArray().serializer(),
            Serdes.ByteArray().serializer(),
            "timers");
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench-timers");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put(StreamsConfig.producerPrefix("linger.ms"), 0);
    config.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    streams = new KafkaStreams(topology, config);
    streams.start();
    while (streams.state() != KafkaStreams.State.RUNNING) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static final class Timers implements Processor<byte[], byte[], byte[], byte[]> {
    private org.apache.kafka.streams.processor.api.@org.jspecify.annotations.Nullable
            ProcessorContext<
            byte[], byte[]>
        context;
    // Everything before has fired. A range from the beginning would step over what RocksDB has
    // deleted and not yet compacted, longer each time.
    private long firedUntil;

    @Override
    public void init(ProcessorContext<byte[], byte[]> c) {
      context = c;
      KeyValueStore<Bytes, byte[]> store = c.getStateStore("timers");
      c.schedule(
          Duration.ofMillis(10), PunctuationType.WALL_CLOCK_TIME, now -> fire(c, store, now));
    }

    private void fire(
        ProcessorContext<byte[], byte[]> c, KeyValueStore<Bytes, byte[]> store, long now) {
      List<Bytes> fired = new ArrayList<>();
      Bytes from = Bytes.wrap(ByteBuffer.allocate(8).putLong(firedUntil).array());
      Bytes to = Bytes.wrap(ByteBuffer.allocate(8).putLong(now).array());
      try (KeyValueIterator<Bytes, byte[]> due = store.range(from, to)) {
        while (due.hasNext()) {
          KeyValue<Bytes, byte[]> timer = due.next();
          byte[] id = new byte[36];
          System.arraycopy(timer.key.get(), 8, id, 0, 36);
          RecordHeaders headers = new RecordHeaders();
          headers.add(Headers.SUBJECT, id);
          headers.add(Headers.SIGNATURE, HEADER);
          c.forward(new Record<>(id, timer.value, now, headers));
          fired.add(timer.key);
        }
      }
      fired.forEach(store::delete);
      firedUntil = now;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (context != null) {
        KeyValueStore<Bytes, byte[]> store = context.getStateStore("timers");
        store.put(Bytes.wrap(record.key()), record.value());
        firedUntil = Math.min(firedUntil, ByteBuffer.wrap(record.key()).getLong());
      }
    }
  }

  @Override
  public String name() {
    return "Kafka Streams, RocksDB";
  }

  @Override
  public String topic() {
    return "bench.timers.streams";
  }

  @Override
  public void hold(List<Due> timers) {
    for (Due d : timers) {
      // Due at the end of its millisecond's range, so that a range up to now takes it.
      byte[] key =
          ByteBuffer.allocate(44)
              .putLong(d.atMillis() - 1)
              .put(Observer.name(d.id()).getBytes(StandardCharsets.UTF_8))
              .array();
      producer.send(new ProducerRecord<>(IN, key, Sink.VALUE));
    }
    producer.flush();
  }

  @Override
  public void close() {
    streams.close(Duration.ofSeconds(5));
    producer.close();
  }
}
