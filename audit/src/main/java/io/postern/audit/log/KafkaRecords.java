package io.postern.audit.log;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.log.KafkaSettings;
import io.postern.log.Topic;
import io.postern.log.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Reads partitions of the log as the audit sees them: committed records, as bytes. */
public final class KafkaRecords {
  /**
   * Topics of the catalogue whose records are chained: those that nothing is compacted away from.
   */
  public static final List<Topic> CHAINED =
      Stream.concat(Topics.TOLD.stream(), Stream.of(Topics.VETTED)).toList();

  private static final Duration POLL = Duration.ofMillis(500);
  // A batch of this size comes at once; what is younger is waited for.
  private static final int FETCH_BYTES = 4 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private KafkaRecords() {}

  static KafkaConsumer<byte[], byte[]> consumer(KafkaSettings kafka, Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(kafka.consumer("postern-audit"));
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    config.putAll(more);
    return new KafkaConsumer<>(config);
  }

  /** For reading partitions to ends that are known: it never waits for more to come. */
  static KafkaConsumer<byte[], byte[]> reader(KafkaSettings kafka) {
    return consumer(kafka, Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10));
  }

  /** The partitions of topics; of those only that are there. */
  static List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    Map<String, List<PartitionInfo>> there = consumer.listTopics();
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      there
          .getOrDefault(topic, List.of())
          .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
    }
    return partitions;
  }

  /** The partitions that are chained, of those that are there: producers' own topics too. */
  static List<TopicPartition> chained(KafkaConsumer<byte[], byte[]> consumer) {
    List<String> topics = new ArrayList<>(CHAINED.stream().map(Topic::name).toList());
    Topics.producersOwn(consumer.listTopics().keySet()).forEach(t -> topics.add(t.name()));
    return partitions(consumer, topics);
  }

  static Place place(TopicPartition partition) {
    return new Place(partition.topic(), partition.partition());
  }

  /** The same record without where it stands. */
  public static LogRecord record(ConsumerRecord<byte[], byte[]> record) {
    Header[] there = record.headers().toArray();
    List<LogRecord.Header> headers = new ArrayList<>(there.length);
    for (Header header : there) {
      headers.add(new LogRecord.Header(header.key(), header.value()));
    }
    return new LogRecord(
        record.offset(), record.timestamp(), record.key(), headers, record.value());
  }

  /**
   * The records of one partition from an offset on to an end that is known; the consumer is
   * assigned to it alone.
   *
   * @throws TimeoutException while iterating, when the broker answers nothing for long
   */
  static Iterator<LogRecord> read(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    return new Iterator<>() {
      private Iterator<ConsumerRecord<byte[], byte[]>> batch =
          List.<ConsumerRecord<byte[], byte[]>>of().iterator();
      private @Nullable LogRecord next;

      @Override
      public boolean hasNext() {
        long waitingSince = System.nanoTime();
        while (next == null) {
          if (batch.hasNext()) {
            ConsumerRecord<byte[], byte[]> record = batch.next();
            if (record.offset() >= end) {
              return false;
            }
            next = record(record);
          } else {
            long position = consumer.position(partition);
            if (position >= end) {
              return false;
            }
            batch = consumer.poll(POLL).records(partition).iterator();
            if (consumer.position(partition) > position) {
              waitingSince = System.nanoTime();
            } else if (System.nanoTime() - waitingSince > PATIENCE.toNanos()) {
              throw new TimeoutException(
                  partition + " answers nothing at offset " + position + " for " + PATIENCE);
            }
          }
        }
        return true;
      }

      @Override
      public LogRecord next() {
        LogRecord record = hasNext() ? next : null;
        if (record == null) {
          throw new NoSuchElementException();
        }
        next = null;
        return record;
      }
    };
  }
}
