package io.postern.bench.decisions;

import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Notes when awaited records arrive, committed, at the end of a chain. */
final class Arrivals implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Function<ConsumerRecord<byte[], byte[]>, Optional<String>> name;
  private final LogTail tail;
  private volatile Map<String, Long> seen = new ConcurrentHashMap<>();
  private volatile CountDownLatch left = new CountDownLatch(0);

  /**
   * @param name what a record answers; empty for one that is of no concern
   */
  Arrivals(
      KafkaSettings kafka,
      String topic,
      Function<ConsumerRecord<byte[], byte[]>, Optional<String>> name)
      throws InterruptedException {
    this.name = name;
    this.tail = new LogTail("bench-" + topic, kafka, List.of(topic), this::note).start();
    tail.awaitCaughtUp(PATIENCE);
  }

  private void note(ConsumerRecord<byte[], byte[]> record) {
    long now = System.nanoTime();
    name.apply(record)
        .ifPresent(
            n -> {
              if (seen.putIfAbsent(n, now) == null) {
                left.countDown();
              }
            });
  }

  /** Forgets what was seen and waits for so many from now on. */
  void expect(int count) {
    seen = new ConcurrentHashMap<>();
    left = new CountDownLatch(count);
  }

  /** When each arrived, by {@link System#nanoTime}. */
  Map<String, Long> await() throws InterruptedException {
    if (!left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(left.getCount() + " records have not arrived");
    }
    return seen;
  }

  @Override
  public void close() {
    tail.close();
  }
}
