package io.postern.bench;

import io.postern.log.KafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Passes records on from a topic to another with {@code exactly_once_v2}, with the settings of
 * policy-service and nothing else to do.
 */
public final class ExactlyOnceHop implements AutoCloseable {
  private final KafkaStreams streams;

  /** What is done to a record on its way. */
  @FunctionalInterface
  public interface Work {
    Work NONE = record -> record;

    Record<byte[], byte[]> apply(Record<byte[], byte[]> record);
  }

  /** When a transaction ends. */
  public enum Pace {
    /** After each record. */
    EACH,
    /** After a record that has just come; of records that wait, every 10 ms: as policy-service. */
    SHARED
  }

  private ExactlyOnceHop(KafkaStreams streams) {
    this.streams = streams;
  }

  static ExactlyOnceHop start(KafkaSettings kafka, String from, String to) {
    return start(kafka, from, to, Work.NONE, Pace.EACH);
  }

  /** Starts; does not wait until it runs. */
  public static ExactlyOnceHop start(
      KafkaSettings kafka, String from, String to, Work work, Pace pace) {
    Topology topology = new Topology();
    topology.addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), from);
    topology.addProcessor("pass", () -> new Pass(work, pace), "in");
    topology.addSink("out", to, new ByteArraySerializer(), new ByteArraySerializer(), "pass");
    Properties properties = properties(kafka, from);
    if (pace == Pace.SHARED) {
      properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "10");
      properties.put(StreamsConfig.POLL_MS_CONFIG, "20");
    }
    KafkaStreams streams = new KafkaStreams(topology, properties);
    streams.start();
    return new ExactlyOnceHop(streams);
  }

  private static Properties properties(KafkaSettings kafka, String from) {
    Properties p = new Properties();
    p.putAll(kafka.admin());
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench-" + from);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "-1");
    p.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, "-1");
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    p.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), "2");
    p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), "100");
    try {
      p.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("bench-hop").toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return p;
  }

  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public void close() {
    streams.close(Duration.ofSeconds(10));
  }

  private static final class Pass extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private static final long MILLIS = 10;
    private final Work work;
    private final Pace pace;
    private long asked = Long.MIN_VALUE / 2;

    Pass(Work work, Pace pace) {
      this.work = work;
      this.pace = pace;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      context().forward(work.apply(record));
      long now = System.currentTimeMillis();
      if (pace == Pace.EACH || now - record.timestamp() <= MILLIS || now - asked >= MILLIS) {
        asked = now;
        context().commit();
      }
    }
  }
}
