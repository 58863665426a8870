package io.postern.policy.kafka;

import io.postern.log.DeadLetters;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic as a member of a group and hands each record to a step that may take its time: a
 * record that waits for somebody outside holds up none but those with the same key, which keep
 * their order. An offset is committed once all before it are done, so each record is done at least
 * once; a repeat makes what the decision knows already.
 */
final class VettingListener implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(VettingListener.class);
  private static final Duration POLL = Duration.ofMillis(200);
  // While results are on their way their offsets wait to be committed.
  private static final Duration BUSY_POLL = Duration.ofMillis(20);

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

  private final String group;
  private final String instance;
  private final Topic topic;
  private final KafkaSettings kafka;
  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final Step step;
  private final Thread thread;
  private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
  private final Map<ByteBuffer, CompletableFuture<?>> lastOfKey = new ConcurrentHashMap<>();
  private final Map<TopicPartition, InFlight> partitions = new HashMap<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;
  private volatile boolean assigned;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

  VettingListener(
      String group,
      String instance,
      Topic topic,
      KafkaSettings kafka,
      KafkaProducer<byte[], byte[]> producer,
      DeadLetters deadLetters,
      Step step) {
    this.group = group;
    this.instance = instance;
    this.topic = topic;
    this.kafka = kafka;
    this.producer = producer;
    this.deadLetters = deadLetters;
    this.step = step;
    this.thread = new Thread(this::run, group);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  boolean isReady() {
    return assigned;
  }

  private void run() {
    Map<String, Object> config = kafka.member(group, Optional.of(instance));
    while (!closed) {
      partitions.clear();
      failure.set(null);
      try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(config)) {
        consumer = c;
        c.subscribe(List.of(topic.name()), new Forgetting());
        follow(c);
      } catch (WakeupException e) {
        LOGGER.atDebug().addKeyValue("group", group).log("woken up to stop");
      } catch (RuntimeException e) {
        LOGGER
            .atWarn()
            .addKeyValue("group", group)
            .setCause(e)
            .log("following the log failed, starting over");
        pause();
      }
    }
  }

  /** What is on its way for a partition that goes to somebody else is not committed here. */
  private final class Forgetting implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      partitions.keySet().removeAll(revoked);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      // Their positions are known with their first records.
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> c) {
    while (!closed) {
      boolean busy = room.availablePermits() < MOST_IN_FLIGHT;
      if (room.availablePermits() == 0) {
        c.pause(c.assignment());
      } else {
        c.resume(c.paused());
      }
      var batch = c.poll(busy ? BUSY_POLL : POLL);
      assigned = !c.assignment().isEmpty();
      for (ConsumerRecord<byte[], byte[]> record : batch) {
        // A batch may be larger than the room that is left.
        room.acquireUninterruptibly();
        begin(record);
      }
      Throwable failed = failure.get();
      if (failed != null) {
        throw new IllegalStateException("a record could not be vetted", failed);
      }
      commit(c);
    }
  }

  private void begin(ConsumerRecord<byte[], byte[]> record) {
    InFlight offsets =
        partitions.computeIfAbsent(
            new TopicPartition(record.topic(), record.partition()),
            p -> new InFlight(record.offset()));
    offsets.taken(record.offset());
    ByteBuffer key = ByteBuffer.wrap(record.key() == null ? new byte[0] : record.key());
    CompletableFuture<?> before = lastOfKey.get(key);
    CompletableFuture<?> done =
        before == null
            ? vet(record)
            : before.handle((r, e) -> null).thenCompose(any -> vet(record));
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

  /** Completes once what it made of the record is on the log. */
  private CompletableFuture<?> vet(ConsumerRecord<byte[], byte[]> record) {
    try {
      return step.take(record).thenCompose(this::send);
    } catch (PoisonException e) {
      return dead(record, e);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<?> send(List<ProducerRecord<byte[], byte[]>> records) {
    List<CompletableFuture<?>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> each : records) {
      CompletableFuture<?> one = new CompletableFuture<>();
      sent.add(one);
      producer.send(
          each,
          (metadata, e) -> {
            if (e == null) {
              one.complete(null);
            } else {
              one.completeExceptionally(e);
            }
          });
    }
    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
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

  private void commit(KafkaConsumer<byte[], byte[]> c) {
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

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    var c = consumer;
    if (c != null) {
      c.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
