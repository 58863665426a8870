package io.postern.log;

import io.postern.model.Ids;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into records and records into events: framing, CloudEvents headers, signature. One
 * per service; safe for use by many threads.
 */
public final class EventCodec {

  /**
   * An event read from a record, with the signature that was checked; on a producer's own topic it
   * may have none, and the topic stands for it.
   */
  public record Received(SpecificRecord event, TrustStore.Signed signature) {}

  // The same bytes in every record: shared, for a writer that keeps many ready.
  private static final Header SPEC_VERSION = header(Headers.SPEC_VERSION, "1.0");
  private static final Header CONTENT_TYPE = header(Headers.CONTENT_TYPE, "application/avro");

  private final String service;
  private final Header source;
  private final Map<String, Header> types = new ConcurrentHashMap<>();
  private final AvroFraming framing;
  private final Signer signer;
  private final TrustStore trust;
  private final Clock clock;

  /**
   * @param service the name of the service that writes, see {@link Topics}
   */
  public EventCodec(
      String service, AvroFraming framing, Signer signer, TrustStore trust, Clock clock) {
    this.service = service;
    this.source = header(Headers.SOURCE, "/postern/" + service);
    this.framing = framing;
    this.signer = signer;
    this.trust = trust;
    this.clock = clock;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A codec that signs and verifies with other keys, over the same framing. */
  public EventCodec withKeys(Signer otherSigner, TrustStore otherTrust) {
    return new EventCodec(service, framing, otherSigner, otherTrust, clock);
  }

  /**
   * A signed record of a topic that is partitioned by its key.
   *
   * @param traceParent W3C trace context of what caused the event, if known; one that is not
   *     well-formed is left out
   */
  public ProducerRecord<byte[], byte[]> encode(
      Topic topic, String key, SpecificRecord event, Optional<String> traceParent) {
    return encode(topic.name(), null, key, event, traceParent);
  }

  /** A signed record of a topic that is partitioned by scope. */
  public ProducerRecord<byte[], byte[]> encode(
      Topic topic,
      Scope scope,
      int partitions,
      String key,
      SpecificRecord event,
      Optional<String> traceParent) {
    return encode(topic.name(), Topics.partition(scope, partitions), key, event, traceParent);
  }

  /**
   * A record of a topic that is partitioned by scope, complete but for its signature, for a writer
   * that has several at once: {@link #signTogether} completes it.
   */
  public ProducerRecord<byte[], byte[]> unsigned(
      Topic topic,
      Scope scope,
      int partitions,
      String key,
      SpecificRecord event,
      Optional<String> traceParent) {
    return unsigned(
        topic.name(),
        Topics.partition(scope, partitions),
        key,
        event,
        traceParent,
        clock.instant());
  }

  /** Likewise, a tombstone. */
  public ProducerRecord<byte[], byte[]> unsignedTombstone(
      Topic topic, Scope scope, int partitions, String key) {
    return unsigned(topic.name(), Topics.partition(scope, partitions), key);
  }

  /**
   * Signs records of any topics, under one signature for all of them ({@link Signer#signBatch}), or
   * a single one by itself. Each is verified without the others, like any other record.
   *
   * @param records as of {@link #unsigned}, at most {@link TrustStore#MAX_BATCH}; their headers
   *     take the signatures
   */
  public void signTogether(List<ProducerRecord<byte[], byte[]>> records) {
    sign(records, clock.instant(), () -> {});
  }

  /**
   * Likewise, for a writer that lets others go on meanwhile.
   *
   * @param between called between pieces of the work, of which there are two for each record
   */
  public void signTogether(List<ProducerRecord<byte[], byte[]>> records, Runnable between) {
    sign(records, clock.instant(), between);
  }

  private void sign(List<ProducerRecord<byte[], byte[]>> records, Instant now, Runnable between) {
    if (records.size() == 1) {
      ProducerRecord<byte[], byte[]> only = records.get(0);
      Headers.add(
          only.headers(),
          Headers.SIGNATURE,
          signer.sign(only.topic(), only.key(), signedValue(only), now));
      return;
    }
    List<byte[]> contents = new ArrayList<>(records.size());
    for (ProducerRecord<byte[], byte[]> r : records) {
      contents.add(Signer.content(r.topic(), r.key(), signedValue(r)));
    }
    List<String> signatures = signer.signBatch(contents, now, between);
    for (int i = 0; i < signatures.size(); i++) {
      Headers.add(records.get(i).headers(), Headers.SIGNATURE, signatures.get(i));
    }
  }

  // A tombstone is signed over nothing.
  private static byte[] signedValue(ProducerRecord<byte[], byte[]> record) {
    return record.value() == null ? new byte[0] : record.value();
  }

  private ProducerRecord<byte[], byte[]> encode(
      String topic,
      @Nullable Integer partition,
      String key,
      SpecificRecord event,
      Optional<String> traceParent) {
    Instant now = clock.instant();
    ProducerRecord<byte[], byte[]> record =
        unsigned(topic, partition, key, event, traceParent, now);
    sign(List.of(record), now, () -> {});
    return record;
  }

  private ProducerRecord<byte[], byte[]> unsigned(
      String topic,
      @Nullable Integer partition,
      String key,
      SpecificRecord event,
      Optional<String> traceParent,
      Instant now) {
    byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
    byte[] value = framing.encode(topic, event);
    RecordHeaders headers = new RecordHeaders();
    headers.add(SPEC_VERSION);
    Headers.add(
        headers, Headers.ID, text(event, "eventId").orElseGet(() -> contentId(topic, key, value)));
    headers.add(
        types.computeIfAbsent(event.getSchema().getFullName(), name -> header(Headers.TYPE, name)));
    headers.add(source);
    Headers.add(headers, Headers.TIME, text(event, "occurredAt").orElseGet(now::toString));
    Headers.add(headers, Headers.SUBJECT, subjectOf(event).orElse(key));
    headers.add(CONTENT_TYPE);
    Trace.wellFormed(traceParent).ifPresent(t -> Headers.add(headers, Headers.TRACE_PARENT, t));
    return new ProducerRecord<>(topic, partition, keyBytes, value, headers);
  }

  /**
   * A tombstone, for the key of a compacted topic that is partitioned by scope; signed over
   * nothing.
   */
  public ProducerRecord<byte[], byte[]> tombstone(
      Topic topic, Scope scope, int partitions, String key) {
    return tombstone(topic, Topics.partition(scope, partitions), key);
  }

  /** A tombstone of a topic that is partitioned by its key. */
  public ProducerRecord<byte[], byte[]> tombstone(Topic topic, String key) {
    return tombstone(topic, (Integer) null, key);
  }

  private ProducerRecord<byte[], byte[]> tombstone(
      Topic topic, @Nullable Integer partition, String key) {
    ProducerRecord<byte[], byte[]> record = unsigned(topic.name(), partition, key);
    sign(List.of(record), clock.instant(), () -> {});
    return record;
  }

  private static ProducerRecord<byte[], byte[]> unsigned(
      String topic, @Nullable Integer partition, String key) {
    return new ProducerRecord<>(
        topic, partition, key.getBytes(StandardCharsets.UTF_8), null, new RecordHeaders());
  }

  /**
   * Reads a record that any trusted key may have signed; what the owner of the key may say is for
   * the caller to check. On a producer's own topic, which nobody else can write, a signature may be
   * left out; one that is there must be the producer's.
   *
   * @throws PoisonException when it is of no type of the topic, broken, or not validly signed
   */
  public Received read(Topic topic, ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    if (!record.topic().equals(topic.name())) {
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE,
          "what is on " + record.topic() + " is not signed for " + topic.name());
    }
    return read(
        topic,
        record.key(),
        record.value(),
        record.headers(),
        Instant.ofEpochMilli(record.timestamp()));
  }

  /**
   * Likewise, for the parts of a record.
   *
   * @param at when it came onto the topic
   */
  public Received read(
      Topic topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      org.apache.kafka.common.header.Headers headers,
      Instant at)
      throws PoisonException {
    if (value == null || key == null) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "key or value is missing");
    }
    TrustStore.Signed signed =
        trust.speaker(topic, key, value, Headers.text(headers, Headers.SIGNATURE), at);
    SpecificRecord event = framing.decode(value);
    if (!topic.events().contains(event.getClass())) {
      throw new PoisonException(
          PoisonException.Cause.UNEXPECTED_TYPE,
          event.getSchema().getFullName() + " does not belong on " + topic.name());
    }
    return new Received(event, signed);
  }

  /**
   * Reads a record of a topic that has one writer, and checks that this writer signed it.
   *
   * @throws PoisonException also when somebody else signed it
   */
  public SpecificRecord readFromWriter(Topic topic, ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    return receiveFromWriter(topic, record).event();
  }

  /**
   * Likewise, with the signature.
   *
   * @throws PoisonException also when somebody else signed it
   */
  public Received receiveFromWriter(Topic topic, ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    Received received = read(topic, record);
    checkWriter(topic, received.signature());
    return received;
  }

  /**
   * The schema that a value was written with, without a look at its signature: for a reader that
   * puts off the verification of what may never matter.
   *
   * @throws PoisonException when the value is not framed, or its schema is unknown
   * @throws RegistryException when the registry does not answer
   */
  public Schema writerSchema(byte[] value) throws PoisonException {
    return framing.writerSchema(value);
  }

  /**
   * The event in a value whose signature was verified before; nothing is verified here.
   *
   * @throws PoisonException when the value cannot be read
   */
  public SpecificRecord decodeVerified(byte[] value) throws PoisonException {
    return framing.decode(value);
  }

  /**
   * Checks that a tombstone is signed by the topic's writer.
   *
   * @return the signature
   * @throws PoisonException when it is not
   */
  public TrustStore.Signed checkTombstone(Topic topic, ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    TrustStore.Signed signed =
        trust.verify(
            record.topic(),
            record.key(),
            new byte[0],
            Headers.text(record.headers(), Headers.SIGNATURE));
    checkWriter(topic, signed);
    return signed;
  }

  /**
   * Checks that a signature is of the topic's writer.
   *
   * @throws PoisonException when it is of somebody else
   */
  public static void checkWriter(Topic topic, TrustStore.Signed signature) throws PoisonException {
    if (!Topics.isWriter(topic, signature.owner())) {
      throw new PoisonException(
          PoisonException.Cause.NOT_THE_WRITER,
          signature.owner() + " may not write " + topic.name() + ", only " + topic.writer());
    }
  }

  /** The same record for the topic's dead letters, with the reason and the place it came from. */
  public ProducerRecord<byte[], byte[]> deadLetter(
      Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    RecordHeaders headers = new RecordHeaders(record.headers().toArray());
    Headers.put(headers, Headers.DLT_REASON, why.reason().name());
    Headers.put(headers, Headers.DLT_MESSAGE, String.valueOf(why.getMessage()));
    Headers.put(headers, Headers.DLT_TOPIC, record.topic());
    Headers.put(headers, Headers.DLT_PARTITION, Integer.toString(record.partition()));
    Headers.put(headers, Headers.DLT_OFFSET, Long.toString(record.offset()));
    return new ProducerRecord<>(
        topic.deadLetter(service), null, record.key(), record.value(), headers);
  }

  private static final List<String> SUBJECTS =
      List.of("grantId", "requestId", "policyId", "ruleSetId", "machineId");

  private static Optional<String> subjectOf(SpecificRecord event) {
    for (String field : SUBJECTS) {
      Optional<String> subject = text(event, field);
      if (subject.isPresent()) {
        return subject;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> text(SpecificRecord event, String field) {
    Schema.Field f = event.getSchema().getField(field);
    return f == null
        ? Optional.empty()
        : Optional.ofNullable(event.get(f.pos())).map(Object::toString);
  }

  // State records have no event id of their own: the same state of the same key has the same id.
  private static String contentId(String topic, String key, byte[] value) {
    String body = HexFormat.of().formatHex(value, Math.min(5, value.length), value.length);
    return Ids.derived(topic, key, body).toString();
  }
}
