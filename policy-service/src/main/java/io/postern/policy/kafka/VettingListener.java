package io.postern.policy.kafka;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads a topic as a member of a group and hands each record to a step that may take its time: a
 * record that waits for somebody outside holds up none but those with the same key, which keep
 * their order. An offset is committed once all before it are done, so each record is done at least
 * once; a repeat makes what the decision knows already.
 */
final class VettingListener extends GroupReader {
  private static final Duration POLL = Duration.ofMillis(200);
  // While results are on their way their offsets wait to be committed.
  private static final Duration BUSY_POLL = Duration.ofMillis(20);

  // While records keep coming; so much is vetted again after a kill.
  private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

  /** Most records at once on their way; more wait on the log. */
  static final int MOST_IN_FLIGHT = 2_000;

  /** What is made of one record. */
  interface Step {
    /**
     * Begins; what is returned completes in bounded time.
     *
     * @throws PoisonException when the record makes no sense
     */
    CompletableFuture<List<ProducerRecord<byte[], byte[]>>> take(
        ConsumerRecord<byte[], byte[]> record) throws PoisonException;
  }

  private final Departures departures;
  private final DeadLetters deadLetters;
  private final Step step;
  private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
  private final Map<ByteBuffer, CompletableFuture<?>> lastOfKey = new ConcurrentHashMap<>();
  private final Map<TopicPartition, InFlight> partitions = new HashMap<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  // Touched by the reader's thread only.
  private long committedAt = System.nanoTime();

  VettingListener(
      String group,
      String instance,
      Topic topic,
      KafkaSettings kafka,
      KafkaProducer<byte[], byte[]> producer,
      DeadLetters deadLetters,
      Step step) {
    super(group, instance, topic, kafka);
    this.departures = new Departures(producer);
    this.deadLetters = deadLetters;
    this.step = step;
  }

  @Override
  void begin() {
    partitions.clear();
    failure.set(null);
  }

  /** What is on its way for a partition that goes to somebody else is not committed here. */
  @Override
  void forget(Collection<TopicPartition> revoked) {
    partitions.keySet().removeAll(revoked);
  }

  @Override
  void turn(Consumer<byte[], byte[]> c) {
    boolean busy = room.availablePermits() < MOST_IN_FLIGHT;
    if (room.availablePermits() == 0) {
      c.pause(c.assignment());
    } else {
      c.resume(c.paused());
    }
    ConsumerRecords<byte[], byte[]> batch = poll(c, busy ? BUSY_POLL : POLL);
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      // A batch may be larger than the room that is left.
      if (!room.tryAcquire()) {
        departures.leave();
        room.acquireUninterruptibly();
      }
      take(record);
    }
    departures.leave();
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a record could not be vetted", failed);
    }
    long now = System.nanoTime();
    // A commit is work for the broker that no request waits for.
    if (batch.isEmpty() || now - committedAt > COMMIT_INTERVAL.toNanos()) {
      committedAt = now;
      commit(c);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    InFlight offsets =
        partitions.computeIfAbsent(
            new TopicPartition(record.topic(), record.partition()),
            p -> new InFlight(record.offset()));
    offsets.taken(record.offset());
    ByteBuffer key = ByteBuffer.wrap(record.key() == null ? new byte[0] : record.key());
    CompletableFuture<?> before = lastOfKey.get(key);
    // Not in the thread that ends the one before, which is the producer's own.
    CompletableFuture<?> done =
        before == null
            ? vet(record, true)
            : before.handle((r, e) -> null).thenComposeAsync(any -> vet(record, false));
    lastOfKey.put(key, done);
    done.whenComplete(
        (result, e) -> {
          lastOfKey.remove(key, done);
          if (e == null) {
            offsets.done(record.offset());
          } else {
            failure.compareAndSet(null, e);
          }
          room.release();
        });
  }

  /**
   * Completes once what it made of the record is on the log.
   *
   * @param inTurn whether this is the reader's thread, so that what is made may wait for others
   */
  private CompletableFuture<?> vet(ConsumerRecord<byte[], byte[]> record, boolean inTurn) {
    try {
      CompletableFuture<List<ProducerRecord<byte[], byte[]>>> made = step.take(record);
      return inTurn && made.isDone()
          ? made.thenCompose(departures::soon)
          : made.thenCompose(departures::now);
    } catch (PoisonException e) {
      return dead(record, e);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<?> dead(ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    Future<?> sent = deadLetters.send(topic, record, why);
    return CompletableFuture.runAsync(
        () -> {
          try {
            sent.get();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          } catch (ExecutionException e) {
            throw new IllegalStateException(e);
          }
        },
        Thread::startVirtualThread);
  }

  private void commit(Consumer<byte[], byte[]> c) {
    Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
    partitions.forEach(
        (p, offsets) -> {
          long position = offsets.toCommit();
          if (position >= 0) {
            moved.put(p, new OffsetAndMetadata(position));
          }
        });
    if (!moved.isEmpty()) {
      c.commitAsync(moved, null);
    }
  }
}
