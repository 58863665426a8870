package io.postern.bench;

import io.postern.log.KafkaSettings;
import io.postern.policy.kafka.PacedClients;
import io.postern.policy.kafka.PacedCommits;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
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
import org.apache.kafka.streams.processor.api.ProcessorContext;
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
    /** After a record that has just come; records that wait share one: as policy-service. */
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
    return start(kafka, from, topology, pace);
  }

  /** Starts a topology of the caller's, which commits by itself; does not wait until it runs. */
  public static ExactlyOnceHop start(
      KafkaSettings kafka, String name, Topology topology, Pace pace) {
    Properties properties = properties(kafka, name);
    if (pace == Pace.SHARED) {
      properties.put(StreamsConfig.POLL_MS_CONFIG, "10");
    }
    KafkaStreams streams =
        new KafkaStreams(topology, properties, new PacedClients(Clock.systemUTC()));
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
    p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), "262144");
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

  /** Does something with each record, and ends the transaction in time. */
  public abstract static class Step extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final Pace pace;
    private PacedCommits commits;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else.
    protected Step(Pace pace) {
      this.pace = pace;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      super.init(context);
      commits = new PacedCommits(context, Clock.systemUTC());
    }

    /** What is done with a record. */
    protected abstract void take(Record<byte[], byte[]> record);

    @Override
    public void process(Record<byte[], byte[]> record) {
      take(record);
      if (pace == Pace.EACH) {
        context().commit();
      } else {
        commits.done(record.timestamp());
      }
    }
  }

  private static final class Pass extends Step {
    private final Work work;

    Pass(Work work, Pace pace) {
      super(pace);
      this.work = work;
    }

    @Override
    protected void take(Record<byte[], byte[]> record) {
      context().forward(work.apply(record));
    }
  }
}
