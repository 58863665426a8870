package io.postern.audit.log;

import io.postern.audit.domain.Place;
import io.postern.audit.siem.Collector;
import io.postern.audit.story.Told;
import io.postern.log.KafkaSettings;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands committed events to a collector, each at least once: a batch's place is committed to the
 * group only after the collector has it. A collector that does not answer is asked again with the
 * same batch until it does; nothing is skipped.
 */
public final class Follower implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final EventReader events;
  private final Duration firstPause;
  private volatile boolean stopping;

  /**
   * @param firstPause after which a collector that did not answer is asked again; doubled each
   *     time, up to half a minute
   */
  public Follower(
      KafkaSettings kafka,
      String group,
      TrustStore trust,
      SchemaRegistry registry,
      Duration firstPause) {
    this.consumer = new KafkaConsumer<>(kafka.member(group, Optional.empty()));
    this.events = new EventReader(trust, registry);
    this.firstPause = firstPause;
    // What the topic of vetted requests says is in the decisions, too.
    consumer.subscribe(
        KafkaRecords.CHAINED.stream()
            .filter(t -> !t.equals(Topics.VETTED))
            .map(Topic::name)
            .toList());
  }

  /**
   * Follows the log until {@link #stop}, or until nothing has come for some time.
   *
   * @param line an event as the collector wants it
   * @return records that are no event that can be read; they are passed over
   * @throws Collector.RefusedException when the collector will not have a batch: its place is not
   *     committed
   */
  public long follow(Collector collector, Function<Told, String> line, Optional<Duration> untilIdle)
      throws InterruptedException {
    long unreadable = 0;
    long idleSince = System.nanoTime();
    try {
      while (!stopping) {
        ConsumerRecords<byte[], byte[]> batch = consumer.poll(POLL);
        if (batch.isEmpty()) {
          long idle = System.nanoTime() - idleSince;
          if (!consumer.assignment().isEmpty()
              && untilIdle.filter(most -> idle > most.toNanos()).isPresent()) {
            break;
          }
          continue;
        }
        List<String> lines = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> each : batch) {
          Optional<Told> told =
              events.told(new Place(each.topic(), each.partition()), KafkaRecords.record(each));
          told.map(line).ifPresent(lines::add);
          unreadable += told.isEmpty() ? 1 : 0;
        }
        if (!lines.isEmpty() && !handOver(collector, lines)) {
          break;
        }
        consumer.commitSync();
        idleSince = System.nanoTime();
      }
    } catch (WakeupException e) {
      LOGGER.atDebug().log("asked to stop");
    }
    return unreadable;
  }

  /** Whether the collector has the lines; not when it was stopped before. */
  private boolean handOver(Collector collector, List<String> lines) throws InterruptedException {
    Duration pause = firstPause;
    while (!stopping) {
      try {
        collector.take(lines);
        return true;
      } catch (IOException e) {
        LOGGER
            .atWarn()
            .addKeyValue("lines", lines.size())
            .log("the collector has not taken them and is asked again: {}", e.toString());
        Thread.sleep(pause);
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                ? LONGEST_PAUSE
                : pause.multipliedBy(2);
      }
    }
    return false;
  }

  /** Ends {@link #follow} from another thread. */
  public void stop() {
    stopping = true;
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
