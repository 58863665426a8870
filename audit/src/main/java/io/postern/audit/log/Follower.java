package io.postern.audit.log;

import io.postern.audit.domain.Place;
import io.postern.audit.siem.Collector;
import io.postern.audit.story.Told;
import io.postern.log.KafkaSettings;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands committed events to a collector, each at least once and those of a partition in its order:
 * a batch's place is committed to the group only after the collector has it, and the next batch
 * waits for that. A collector that does not answer is asked again with the same batch for as long
 * as it takes. The partitions are paused meanwhile and the group is polled, so that Kafka does not
 * take the follower for dead; a batch whose partitions go to another member is abandoned to it.
 */
public final class Follower implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration BETWEEN = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final EventReader events;
  private final Duration firstPause;
  private @Nullable Batch inHand;
  private long idleSince = System.nanoTime();
  private volatile boolean stopping;

  /** Records that are being handed over. */
  private record Batch(
      HandOver handOver,
      Map<TopicPartition, Long> begins,
      Map<TopicPartition, OffsetAndMetadata> ends) {}

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
    consumer.subscribe(Topics.told(), new Rebalance());
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
    try {
      while (!stopping) {
        if (inHand != null) {
          settle();
          idleSince = System.nanoTime();
          continue;
        }
        ConsumerRecords<byte[], byte[]> batch = consumer.poll(POLL);
        if (!batch.isEmpty()) {
          List<String> lines = new ArrayList<>();
          for (ConsumerRecord<byte[], byte[]> each : batch) {
            Optional<Told> told =
                events.told(new Place(each.topic(), each.partition()), KafkaRecords.record(each));
            told.map(line).ifPresent(lines::add);
            unreadable += told.isEmpty() ? 1 : 0;
          }
          handOver(collector, lines, batch);
          idleSince = System.nanoTime();
        } else if (!consumer.assignment().isEmpty() && isIdle(untilIdle)) {
          break;
        }
      }
    } catch (WakeupException e) {
      LOGGER.atDebug().log("asked to stop");
    }
    abandon();
    return unreadable;
  }

  private boolean isIdle(Optional<Duration> untilIdle) {
    long idle = System.nanoTime() - idleSince;
    return untilIdle.filter(most -> idle > most.toNanos()).isPresent();
  }

  private void handOver(
      Collector collector, List<String> lines, ConsumerRecords<byte[], byte[]> batch) {
    if (lines.isEmpty()) {
      commit(batch.nextOffsets());
      return;
    }
    Map<TopicPartition, Long> begins = new HashMap<>();
    batch.partitions().forEach(p -> begins.put(p, batch.records(p).getFirst().offset()));
    consumer.pause(consumer.assignment());
    inHand = new Batch(HandOver.begin(collector, lines, firstPause), begins, batch.nextOffsets());
  }

  /** Waits a little for the batch in hand; without it, shows Kafka that we are there. */
  private void settle() throws InterruptedException {
    Batch batch = inHand;
    if (batch != null && batch.handOver().isTaken(POLL)) {
      inHand = null;
      commit(batch.ends());
      consumer.resume(consumer.paused());
    } else {
      // All is paused: nothing comes, but a rebalance may take place. It needs time: a poll that
      // ends at once never gets past looking which topics there are.
      consumer.poll(BETWEEN);
    }
  }

  private void commit(Map<TopicPartition, OffsetAndMetadata> ends) {
    try {
      try {
        consumer.commitSync(ends);
      } catch (WakeupException e) {
        // Asked to stop: which must not make what has been taken come again.
        consumer.commitSync(ends);
      }
    } catch (CommitFailedException | RebalanceInProgressException | TimeoutException e) {
      LOGGER
          .atWarn()
          .log(
              "the place of what was taken is not noted; some of it comes again: {}", e.toString());
    }
  }

  /** Gives up the batch in hand; what the collector has of it by now is noted. */
  private void abandon() {
    Batch batch = inHand;
    inHand = null;
    if (batch == null) {
      return;
    }
    if (batch.handOver().abandon()) {
      commit(batch.ends());
    } else {
      batch.begins().forEach(this::goBack);
    }
    consumer.resume(consumer.paused());
  }

  private void goBack(TopicPartition partition, long offset) {
    if (consumer.assignment().contains(partition)) {
      consumer.seek(partition, offset);
    }
  }

  /** Ends {@link #follow} from another thread. */
  public void stop() {
    stopping = true;
    consumer.wakeup();
  }

  @Override
  public void close() {
    Batch batch = inHand;
    inHand = null;
    if (batch != null) {
      batch.handOver().abandon();
    }
    consumer.close();
  }

  /**
   * Whoever gets a partition begins where the group last was. So that none of its records comes
   * from here after later ones came from there, a batch is given up before its partitions are.
   */
  // What is lost, because Kafka took us for dead all the same, is told as revoked, too.
  private final class Rebalance implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Batch batch = inHand;
      if (batch != null && partitions.stream().anyMatch(batch.begins()::containsKey)) {
        abandon();
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      // The group may have waited for the end of a dead member's session before.
      idleSince = System.nanoTime();
      if (inHand != null) {
        consumer.pause(partitions);
      }
    }
  }
}
