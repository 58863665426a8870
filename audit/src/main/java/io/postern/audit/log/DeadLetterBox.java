package io.postern.audit.log;

import io.postern.audit.domain.LogRecord;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Signer;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** What services could not use: {@code <topic>.<service>-dlt}. */
public final class DeadLetterBox {
  /** A door refuses what was signed longer ago, see the README of schemas. */
  public static final Duration OLDEST_SIGNATURE = Duration.ofMinutes(5);

  private static final Set<String> ADDED =
      Set.of(
          Headers.DLT_REASON,
          Headers.DLT_MESSAGE,
          Headers.DLT_TOPIC,
          Headers.DLT_PARTITION,
          Headers.DLT_OFFSET);

  /**
   * A dead letter.
   *
   * @param box the topic it lies on
   * @param of the catalogue's topic that the record was on
   * @param reader who could not use it
   */
  public record Letter(String box, int partition, Topic of, String reader, LogRecord record) {

    /** What it is called: {@code <box>/<partition>/<offset>}. */
    public String id() {
      return box + "/" + partition + "/" + record.offset();
    }

    /** The topic's own name, which may be one of a producer's own. */
    public String topic() {
      String named = record.header(Headers.DLT_TOPIC);
      return named == null ? of.name() : named;
    }

    /** A header as text, or empty text. */
    public String header(String name) {
      String text = record.header(name);
      return text == null ? "" : text;
    }
  }

  private record Box(Topic of, String reader) {}

  private final KafkaSettings kafka;

  public DeadLetterBox(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  private static Map<String, Box> boxes() {
    Map<String, Box> boxes = new TreeMap<>();
    for (Topic topic : Topics.ALL) {
      topic.readers().forEach(r -> boxes.put(topic.deadLetter(r), new Box(topic, r)));
    }
    return boxes;
  }

  /**
   * All dead letters that are kept, the oldest of each topic first.
   *
   * @param named of this topic or dead-letter topic only; of all when empty
   * @throws IllegalArgumentException when the catalogue has no such topic
   */
  public List<Letter> list(Optional<String> named) {
    Map<String, Box> boxes = boxes();
    List<String> wanted =
        boxes.entrySet().stream()
            .filter(
                e ->
                    named.isEmpty()
                        || e.getKey().equals(named.get())
                        || e.getValue().of().name().equals(named.get()))
            .map(Map.Entry::getKey)
            .toList();
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("no topic has dead letters named " + named.orElse(""));
    }
    List<Letter> letters = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = KafkaRecords.reader(kafka)) {
      List<TopicPartition> partitions = KafkaRecords.partitions(consumer, wanted);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        Box box = boxes.get(partition.topic());
        Iterator<LogRecord> records =
            KafkaRecords.read(
                consumer,
                partition,
                begins.getOrDefault(partition, 0L),
                ends.getOrDefault(partition, 0L));
        while (box != null && records.hasNext()) {
          letters.add(
              new Letter(
                  partition.topic(),
                  partition.partition(),
                  box.of(),
                  box.reader(),
                  records.next()));
        }
      }
    }
    return letters;
  }

  /**
   * The dead letter of an id.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Letter find(String id) {
    String box = id.indexOf('/') < 0 ? id : id.substring(0, id.indexOf('/'));
    return list(Optional.of(box)).stream()
        .filter(l -> l.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no dead letter " + id));
  }

  /**
   * Why a letter must not be put back, if so. Only the doors take records from others than one
   * service; on every other topic a record of ours would make a second writer, and of an old state
   * it would make the newest.
   */
  public static Optional<String> forbidden(Letter letter) {
    Topic of = letter.of();
    return of.writer().equals(Topics.ANYONE)
        ? Optional.empty()
        : Optional.of(
            "only %s writes %s; once the cause is gone, restart %s, which reads the topic again where it matters"
                .formatted(of.writer(), of.name(), letter.reader()));
  }

  /** Why the door would refuse the letter again by its signature, if so. */
  public static Optional<String> refusedAgain(Letter letter, TrustStore trust, Instant now) {
    LogRecord record = letter.record();
    byte[] key = record.key();
    byte[] value = record.value();
    if (key == null || value == null) {
      return Optional.of("it has no key or no value");
    }
    try {
      TrustStore.Signed signed =
          trust.speaker(
              Topics.byName(letter.topic()), key, value, record.header(Headers.SIGNATURE), now);
      return Duration.between(signed.signedAt(), now).abs().compareTo(OLDEST_SIGNATURE) > 0
          ? Optional.of(
              "it was signed at %s, and what is older than %s is refused; sign it anew with a key that may speak for its author"
                  .formatted(signed.signedAt(), OLDEST_SIGNATURE))
          : Optional.empty();
    } catch (PoisonException e) {
      return Optional.of(e.reason() + ": " + e.getMessage());
    }
  }

  /**
   * Puts letters back on the topic that they were on: key, value and headers as they were, without
   * those that the dead-lettering added. The record on the topic is a new one; its event id is the
   * old one, so that what was taken after all changes nothing.
   *
   * @param signer replaces the signature; empty leaves it as it was; a record without one on a
   *     producer's own topic needs none
   * @throws IllegalArgumentException when one must not be put back; then none is
   */
  public void replay(List<Letter> letters, Optional<Signer> signer, Instant now)
      throws InterruptedException {
    for (Letter letter : letters) {
      forbidden(letter)
          .ifPresent(
              why -> {
                throw new IllegalArgumentException(letter.id() + ": " + why);
              });
    }
    try (KafkaProducer<byte[], byte[]> producer = kafka.newProducer("postern-dead-letters")) {
      for (Letter letter : letters) {
        producer.send(original(letter, signer, now)).get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker did not take it: " + e.getCause(), e);
    }
  }

  static ProducerRecord<byte[], byte[]> original(
      Letter letter, Optional<Signer> given, Instant now) {
    LogRecord record = letter.record();
    // On a producer's own topic nobody needs to sign, and nobody else may.
    Optional<Signer> signer =
        Topics.byName(letter.topic()).isProducersOwn()
            ? given.filter(s -> record.header(Headers.SIGNATURE) != null)
            : given;
    RecordHeaders headers = new RecordHeaders();
    for (LogRecord.Header header : record.headers()) {
      if (!ADDED.contains(header.name())
          && (signer.isEmpty() || !header.name().equals(Headers.SIGNATURE))) {
        headers.add(header.name(), header.value());
      }
    }
    byte[] key = record.key();
    byte[] value = record.value();
    if (signer.isPresent()) {
      String signature =
          signer
              .get()
              .sign(
                  letter.topic(),
                  key == null ? new byte[0] : key,
                  value == null ? new byte[0] : value,
                  now);
      headers.add(Headers.SIGNATURE, signature.getBytes(StandardCharsets.UTF_8));
    }
    return new ProducerRecord<>(letter.topic(), null, key, value, headers);
  }
}
