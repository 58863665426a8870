package io.postern.audit.log;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.Copy;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.audit.domain.Verifier;
import io.postern.log.KafkaSettings;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The live log as a copy: committed records up to what was its end when this was made. What is
 * after the last checkpoint is still to be checked; what retention took from the head is not
 * missed.
 */
public final class KafkaCopy implements Copy {
  private final TrustStore trust;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> begins;
  private final Map<TopicPartition, Long> ends;
  private final List<TopicPartition> checkpoints;

  public KafkaCopy(KafkaSettings kafka, TrustStore trust) {
    this.trust = trust;
    this.consumer = KafkaRecords.reader(kafka);
    this.checkpoints = KafkaRecords.partitions(consumer, List.of(Topics.CHECKPOINTS.name()));
    List<TopicPartition> all = new ArrayList<>(KafkaRecords.chained(consumer));
    // The end of the checkpoints first: a later one would speak of records beyond the ends here.
    this.ends = new HashMap<>(consumer.endOffsets(checkpoints));
    ends.putAll(consumer.endOffsets(all));
    all.addAll(checkpoints);
    this.begins = consumer.beginningOffsets(all);
  }

  @Override
  public SortedSet<Place> places() {
    SortedSet<Place> places = new TreeSet<>();
    ends.keySet().stream()
        .filter(p -> !checkpoints.contains(p))
        .forEach(p -> places.add(KafkaRecords.place(p)));
    return Collections.unmodifiableSortedSet(places);
  }

  @Override
  public Held checkpoints() {
    Map<Place, List<Stretch>> stretches = new TreeMap<>();
    Map<Place, String> refused = new TreeMap<>();
    for (TopicPartition partition : checkpoints) {
      Iterator<LogRecord> records =
          KafkaRecords.read(consumer, partition, begin(partition), end(partition));
      while (records.hasNext()) {
        LogRecord record = records.next();
        try {
          Stretch stretch = Checkpoints.decode(record, trust);
          stretches.computeIfAbsent(stretch.place(), p -> new ArrayList<>()).add(stretch);
        } catch (PoisonException e) {
          refused.putIfAbsent(
              meant(record, partition),
              "%s offset %d is no checkpoint of the audit consumer: %s"
                  .formatted(KafkaRecords.place(partition), record.offset(), e.getMessage()));
        }
      }
    }
    return new Held(stretches, refused);
  }

  private static Place meant(LogRecord record, TopicPartition partition) {
    byte[] key = record.key();
    try {
      return Place.parse(key == null ? "" : new String(key, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return KafkaRecords.place(partition);
    }
  }

  /** The signed checkpoints as records, in the order of the log. */
  public Iterator<LogRecord> checkpointRecords(int partition) {
    TopicPartition of = new TopicPartition(Topics.CHECKPOINTS.name(), partition);
    return KafkaRecords.read(consumer, of, begin(of), end(of));
  }

  /** Partitions of the topic of checkpoints. */
  public List<Integer> checkpointPartitions() {
    return checkpoints.stream().map(TopicPartition::partition).toList();
  }

  @Override
  public long start(Place place) {
    return begin(partition(place));
  }

  @Override
  public Verifier.End end() {
    return Verifier.End.OPEN;
  }

  @Override
  public Iterator<LogRecord> records(Place place, long from) {
    TopicPartition partition = partition(place);
    if (!ends.containsKey(partition)) {
      return Collections.emptyIterator();
    }
    return KafkaRecords.read(consumer, partition, Math.max(from, begin(partition)), end(partition));
  }

  private static TopicPartition partition(Place place) {
    return new TopicPartition(place.topic(), place.partition());
  }

  private long begin(TopicPartition partition) {
    return begins.getOrDefault(partition, 0L);
  }

  private long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
