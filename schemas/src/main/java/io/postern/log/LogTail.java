package io.postern.log;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads whole topics from their beginning to their end and then follows, for whoever keeps their
 * state himself, in memory or in a store. One thread of its own; records of a partition arrive in
 * order. It belongs to no consumer group and commits nothing.
 */
public final class LogTail implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogTail.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
  private static final Duration ROUND_TRIP = Duration.ofMillis(2);
  // The first was under way already, with little in it; what has come since is there after the
  // next.
  private static final int FETCHES = 2;
  private static final int MOST_GATHERED = 4;

  /** What is done with the records; called from the tail's thread only. */
  public interface Handler {

    /**
     * One record. A {@link RegistryException} or {@link UncheckedIOException} has it handed over
     * again a little later; any other exception is logged and the record passed over.
     */
    void onRecord(ConsumerRecord<byte[], byte[]> record);

    /**
     * All records of one poll were handed over; a moment to act on them together. When it fails,
     * the tail starts over a little later from where {@link #startAt} says, or else goes on.
     */
    default void onBatchEnd() {}

    /** A poll found nothing new: everything that was there when it began has been handed over. */
    default void onIdle() {}

    /**
     * Where to begin, asked before every start and every new start after a failure, for a handler
     * that remembers it.
     *
     * @param ends the topics' ends now
     * @return offsets of the first records to be handed over; a partition that is not named begins
     *     where this tail has come to, or else at its beginning
     */
    default Map<TopicPartition, Long> startAt(Map<TopicPartition, Long> ends) {
      return Map.of();
    }

    /** Everything that was on the topics when the tail started has been handed over. */
    default void onCaughtUp() {}

    /**
     * Where to go on in a partition, for a handler that knows what is on the log because it put it
     * there: what lies between is not fetched. Asked of a tail that gathers, once it has caught up.
     *
     * @param position where the tail has come to
     * @return the first offset that is to be handed over, never less than the position
     */
    default long goOnAt(TopicPartition partition, long position) {
      return position;
    }

    /**
     * Whether what comes can wait, since much is going on that will be known without being read.
     * Asked of a tail that gathers: it waits as long again, and again, a few times at most.
     */
    default boolean mayWait() {
      return false;
    }
  }

  private final String name;
  private final Map<String, Object> consumerConfig;
  private final List<String> topics;
  private final Optional<Duration> back;
  private final Handler handler;
  private Duration gathered = Duration.ZERO;
  private IntPredicate wanted = p -> true;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

  /** A tail that starts at the beginning. */
  public LogTail(String name, KafkaSettings kafka, List<String> topics, Handler handler) {
    this(name, kafka, topics, Optional.empty(), handler);
  }

  /**
   * A tail.
   *
   * @param back how far back it starts, by the log's own time; empty for the beginning
   */
  public LogTail(
      String name,
      KafkaSettings kafka,
      List<String> topics,
      Optional<Duration> back,
      Handler handler) {
    this.name = name;
    this.back = back;
    this.consumerConfig = kafka.consumer(name);
    this.topics = List.copyOf(topics);
    this.handler = handler;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /**
   * Lets a record wait for those that follow it, once the tail has caught up: for a reader that
   * nobody waits for, and to whom a few batches are cheaper than many. Before {@link #start} only.
   *
   * @param time how long a record waits at most before it is handed over, with all that have come
   */
  public LogTail gathering(Duration time) {
    gathered = time;
    return this;
  }

  /**
   * Reads only the partitions whose numbers fit, for a reader that shares them out among several
   * tails. Before {@link #start} only.
   *
   * @param numbers what at least one partition of each topic fits
   */
  public LogTail ofPartitions(IntPredicate numbers) {
    wanted = numbers;
    return this;
  }

  public LogTail start() {
    thread.start();
    return this;
  }

  public boolean isCaughtUp() {
    return caughtUp.getCount() == 0;
  }

  /**
   * Waits until everything that was there at the start has been handed over.
   *
   * @throws IllegalStateException when the time is up before
   */
  public void awaitCaughtUp(Duration timeout) throws InterruptedException {
    if (!caughtUp.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(
          name + " has not read " + topics + " to their end in " + timeout);
    }
  }

  @Override
  public void close() {
    closed = true;
    var current = consumer;
    if (current != null) {
      current.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Map<TopicPartition, Long> positions = new HashMap<>();
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(consumerConfig)) {
        consumer = c;
        follow(c, positions);
      } catch (WakeupException e) {
        LOGGER.atDebug().addKeyValue("tail", name).log("woken up to stop");
      } catch (RuntimeException | Error e) {
        // Kafka, the registry, or the handler's own store does not answer; or the memory was short
        // for a moment. A tail that ended would leave its service looking alive.
        LOGGER
            .atWarn()
            .addKeyValue("tail", name)
            .setCause(e)
            .log("following the log failed, starting over");
        pause(RESTART_PAUSE);
      }
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> c, Map<TopicPartition, Long> positions) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(t -> c.partitionsFor(t).stream())
            .filter(p -> wanted.test(p.partition()))
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    c.assign(partitions);
    Map<TopicPartition, Long> ends = c.endOffsets(partitions);
    Map<TopicPartition, Long> starts = starts(c, partitions, ends);
    positions.putAll(handler.startAt(ends));
    partitions.forEach(p -> seek(c, p, positions.getOrDefault(p, starts.get(p))));
    while (!closed) {
      if (caughtUp.getCount() > 0
          && ends.entrySet().stream().allMatch(e -> c.position(e.getKey()) >= e.getValue())) {
        handler.onCaughtUp();
        caughtUp.countDown();
      }
      List<ConsumerRecord<byte[], byte[]>> batch = poll(c);
      for (ConsumerRecord<byte[], byte[]> record : batch) {
        hand(record);
        positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      }
      if (isGathering()) {
        partitions.forEach(p -> positions.put(p, c.position(p)));
      }
      if (batch.isEmpty()) {
        handler.onIdle();
      } else {
        handler.onBatchEnd();
      }
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> poll(KafkaConsumer<byte[], byte[]> c) {
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>();
    c.poll(POLL).forEach(batch::add);
    if (batch.isEmpty() || !isGathering()) {
      return batch;
    }
    pause(gathered);
    for (int i = 1; i < MOST_GATHERED && handler.mayWait(); i++) {
      pause(gathered);
    }
    int before = -1;
    for (int i = 0; i < FETCHES && before < batch.size(); i++) {
      before = batch.size();
      skip(c);
      c.poll(ROUND_TRIP).forEach(batch::add);
    }
    return batch;
  }

  private boolean isGathering() {
    return !gathered.isZero() && isCaughtUp();
  }

  private void skip(KafkaConsumer<byte[], byte[]> c) {
    for (TopicPartition p : c.assignment()) {
      long position = c.position(p);
      long wanted = handler.goOnAt(p, position);
      if (wanted > position) {
        c.seek(p, wanted);
      }
    }
  }

  private Map<TopicPartition, Long> starts(
      KafkaConsumer<byte[], byte[]> c,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    if (back.isPresent()) {
      long since = System.currentTimeMillis() - back.get().toMillis();
      Map<TopicPartition, Long> wanted = new HashMap<>();
      partitions.forEach(p -> wanted.put(p, since));
      // Where nothing is as young as that, it starts at the end.
      c.offsetsForTimes(wanted)
          .forEach(
              (p, found) ->
                  starts.put(
                      p, found == null ? ends.getOrDefault(p, 0L) : Long.valueOf(found.offset())));
    }
    return starts;
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> c, TopicPartition partition, @Nullable Long position) {
    if (position == null) {
      c.seekToBeginning(List.of(partition));
    } else {
      c.seek(partition, position);
    }
  }

  private void hand(ConsumerRecord<byte[], byte[]> record) {
    try {
      handler.onRecord(record);
    } catch (RegistryException | UncheckedIOException e) {
      // The record may be good; the registry does not answer, or a disk is full.
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LOGGER
          .atError()
          .addKeyValue("tail", name)
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("a record could not be handled and is passed over");
    }
  }

  private void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }
}
