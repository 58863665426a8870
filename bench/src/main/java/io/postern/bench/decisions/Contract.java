package io.postern.bench.decisions;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.postern.bench.ExactlyOnceHop;
import io.postern.bench.ExactlyOnceHop.Pace;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Signer;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.platform.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * What the contract between the services asks of a decision, with nothing decided: vetted and
 * decided in two hops, the first of which checks the request's signature and puts a symmetric one
 * on what it passes on; the second checks that and writes, in one transaction, a decision and a
 * lease under one signature, and its own state, the lease and that the request was answered.
 */
final class Contract implements AutoCloseable {
  static final String IN = "bench.contract.in";
  static final String OUT = "bench.contract.out";
  static final List<String> TOPICS =
      List.of(IN, "bench.contract.between", OUT, "bench.contract.leases");
  private static final String BETWEEN = TOPICS.get(1);
  private static final String LEASES = TOPICS.get(3);

  private final TrustStore trust;
  private final EventCodec codec;
  private final Signer inside;
  private final TrustStore trustInside;
  private final KafkaProducer<byte[], byte[]> producer;
  private final LogTail vetting;
  private final ExactlyOnceHop decision;

  Contract(Platform platform) throws Exception {
    trust = TrustStore.load(platform.keys().trust());
    codec = platform.codec(Topics.POLICY_SERVICE);
    OctetSequenceKey own =
        new OctetSequenceKeyGenerator(256).keyID(Topics.POLICY_SERVICE + "/bench").generate();
    inside = Signer.of(own);
    trustInside = new TrustStore(List.of(own));
    producer = platform.kafka().newProducer("bench-contract");
    vetting = new LogTail("bench-contract", platform.kafka(), List.of(IN), this::vet);
    decision = ExactlyOnceHop.start(platform.kafka(), BETWEEN, topology(), Pace.SHARED);
  }

  void start() throws InterruptedException {
    vetting.start().awaitCaughtUp(Duration.ofSeconds(30));
  }

  boolean isRunning() {
    return decision.isRunning();
  }

  private void vet(ConsumerRecord<byte[], byte[]> r) {
    check(trust, Topics.REQUESTS.name(), r.key(), r.value(), r.headers());
    String made = inside.sign(BETWEEN, r.key(), r.value(), Instant.now());
    producer.send(
        new ProducerRecord<>(BETWEEN, null, r.key(), r.value(), resigned(r.headers(), made)));
  }

  /** The record bears a signature that holds. */
  static void check(
      TrustStore by,
      String topic,
      byte[] key,
      byte[] value,
      org.apache.kafka.common.header.Headers headers) {
    try {
      by.verify(topic, key, value, Headers.text(headers, Headers.SIGNATURE));
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same headers, with this signature in place of the one before. */
  static org.apache.kafka.common.header.Headers resigned(
      org.apache.kafka.common.header.Headers headers, String signature) {
    return headers
        .remove(Headers.SIGNATURE)
        .add(Headers.SIGNATURE, signature.getBytes(StandardCharsets.UTF_8));
  }

  private Topology topology() {
    Topology topology = new Topology();
    topology.addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), BETWEEN);
    topology.addProcessor("decide", Decide::new, "in");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore("leases"), Serdes.String(), Serdes.ByteArray()),
        "decide");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("answered"), Serdes.String(), Serdes.Long()),
        "decide");
    ByteArraySerializer bytes = new ByteArraySerializer();
    topology.addSink("out", OUT, bytes, bytes, "decide");
    topology.addSink("to-leases", LEASES, bytes, bytes, "decide");
    return topology;
  }

  private final class Decide extends ExactlyOnceHop.Step {
    private KeyValueStore<String, byte[]> leases;
    private KeyValueStore<String, Long> answered;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else.
    Decide() {
      super(Pace.SHARED);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      super.init(context);
      leases = context.getStateStore("leases");
      answered = context.getStateStore("answered");
    }

    @Override
    protected void take(Record<byte[], byte[]> r) {
      check(trustInside, BETWEEN, r.key(), r.value(), r.headers());
      String id = new String(r.key(), StandardCharsets.UTF_8);
      if (answered.get(id) != null) {
        return;
      }
      answered.put(id, r.timestamp());
      leases.put(id, r.value());
      r.headers().remove(Headers.SIGNATURE);
      List<ProducerRecord<byte[], byte[]>> made = List.of(to(OUT, r), to(LEASES, r));
      codec.signTogether(made);
      forward(made.get(0), r.timestamp(), "out");
      forward(made.get(1), r.timestamp(), "to-leases");
    }

    private static ProducerRecord<byte[], byte[]> to(String topic, Record<byte[], byte[]> r) {
      return new ProducerRecord<>(topic, null, r.key(), r.value(), r.headers());
    }

    private void forward(ProducerRecord<byte[], byte[]> made, long timestamp, String sink) {
      context().forward(new Record<>(made.key(), made.value(), timestamp, made.headers()), sink);
    }
  }

  @Override
  public void close() {
    vetting.close();
    decision.close();
    producer.close();
  }
}
