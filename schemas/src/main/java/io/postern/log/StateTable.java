package io.postern.log;

import io.postern.model.InvalidValueException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A compacted topic held in memory by key and followed. Only records that the topic's writer signed
 * count, and none that was signed long before the one that stands; others are dead-lettered.
 * Reading is safe from any thread.
 *
 * @param <T> what a record is turned into
 */
public final class StateTable<T> implements LogTail.Handler, AutoCloseable {
  private final Topic topic;
  private final EventCodec codec;
  private final DeadLetters deadLetters;
  private final Function<SpecificRecord, T> convert;
  private final LogTail tail;
  private final Freshness freshness = new Freshness();
  private final Map<String, T> rows = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param convert turns an event into a row; an {@link InvalidValueException} makes it a dead
   *     letter
   */
  public StateTable(
      String name,
      KafkaSettings kafka,
      Topic topic,
      EventCodec codec,
      DeadLetters deadLetters,
      Function<SpecificRecord, T> convert) {
    this.topic = topic;
    this.codec = codec;
    this.deadLetters = deadLetters;
    this.convert = convert;
    this.tail = new LogTail(name, kafka, List.of(topic.name()), this);
  }

  public StateTable<T> start() {
    tail.start();
    return this;
  }

  public boolean isCaughtUp() {
    return tail.isCaughtUp();
  }

  /** See {@link LogTail#awaitCaughtUp}. */
  public void awaitCaughtUp(Duration timeout) throws InterruptedException {
    tail.awaitCaughtUp(timeout);
  }

  /** Calls the listener from the table's thread after rows have changed, once it has caught up. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  public Optional<T> get(String key) {
    return Optional.ofNullable(rows.get(key));
  }

  /** A live view. */
  public Collection<T> all() {
    return Collections.unmodifiableCollection(rows.values());
  }

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.value() == null) {
        Instant signedAt = codec.checkTombstone(topic, record).signedAt();
        freshness.replace(keyOf(record), signedAt, true);
        rows.remove(keyOf(record));
      } else {
        EventCodec.Received received = codec.receiveFromWriter(topic, record);
        T row = convert.apply(received.event());
        freshness.replace(keyOf(record), received.signature().signedAt(), false);
        rows.put(keyOf(record), row);
      }
    } catch (PoisonException e) {
      deadLetters.send(topic, record, e);
    } catch (InvalidValueException e) {
      deadLetters.send(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
  }

  private static String keyOf(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  @Override
  public void onBatchEnd() {
    if (tail.isCaughtUp()) {
      listeners.forEach(Runnable::run);
    }
  }

  @Override
  public void onCaughtUp() {
    listeners.forEach(Runnable::run);
  }

  @Override
  public void close() {
    tail.close();
  }
}
