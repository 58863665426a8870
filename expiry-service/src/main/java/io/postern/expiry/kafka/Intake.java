package io.postern.expiry.kafka;

import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Reads leases and announcements, each partition in one of a few threads: a start reads a million,
 * and one thread would be its bound. A grant's records are all in partitions of one number, so in
 * one thread. Whoever has read its share first reads on while the others read theirs, and hears
 * what is announced meanwhile; once all have, the whole log is known.
 */
final class Intake implements AutoCloseable {
  private static final int MOST_THREADS = 2;

  private final List<LogTail> tails = new ArrayList<>();
  private final Set<Integer> reading = new HashSet<>();
  private final Runnable onArmed;
  private volatile boolean armed;

  /**
   * @param gathered how long a record waits for those that follow it
   * @param inboxes one for each thread, given what it runs once it has read its share
   * @param onArmed run once, when all have, by whoever was the last
   */
  Intake(
      LogConnection log,
      Duration gathered,
      Function<Runnable, LogTail.Handler> inboxes,
      Runnable onArmed) {
    int threads = Math.min(MOST_THREADS, log.partitions());
    this.onArmed = onArmed;
    for (int i = 0; i < threads; i++) {
      int number = i;
      reading.add(number);
      tails.add(
          new LogTail(
                  Topics.EXPIRY_SERVICE + "-" + number,
                  manyAtOnce(log.settings()),
                  List.of(Topics.LEASES.name(), Topics.EXPIRATIONS.name()),
                  inboxes.apply(() -> caughtUp(number)))
              .ofPartitions(p -> p % threads == number)
              .gathering(gathered));
    }
  }

  // A start reads everything there is; what an operator has set wins.
  private static KafkaSettings manyAtOnce(KafkaSettings kafka) {
    Map<String, String> extra = new HashMap<>();
    extra.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
    extra.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "8388608");
    extra.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "26214400");
    extra.putAll(kafka.extra());
    return new KafkaSettings(kafka.bootstrapServers(), extra);
  }

  void start() {
    tails.forEach(LogTail::start);
  }

  // A tail that starts over in the midst of this tells it again.
  private synchronized void caughtUp(int number) {
    reading.remove(number);
    if (reading.isEmpty() && !armed) {
      onArmed.run();
      armed = true;
    }
  }

  /** Whether the log was read to its end once. */
  boolean isArmed() {
    return armed;
  }

  @Override
  public void close() {
    tails.forEach(LogTail::close);
  }
}
