package io.postern.audit.log;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.story.Reach;
import io.postern.audit.story.Told;
import io.postern.event.MachineAssessed;
import io.postern.log.KafkaSettings;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What enforcers told of machines, as far back as {@code jit.machines} has not been compacted. */
public final class Assessments {
  private final KafkaSettings kafka;
  private final EventReader reader;
  private long disbelieved;

  public Assessments(KafkaSettings kafka, TrustStore trust, SchemaRegistry registry) {
    this.kafka = kafka;
    this.reader = new EventReader(trust, registry);
  }

  /**
   * Has the topic told from its beginning to what is its end now.
   *
   * @param only the scope of the machines that are asked for, if it is known: its partition has all
   *     that is told of them
   */
  public void tell(Reach reach, Optional<Scope> only) {
    disbelieved = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = KafkaRecords.reader(kafka)) {
      List<TopicPartition> all = KafkaRecords.partitions(consumer, List.of(Topics.MACHINES.name()));
      List<TopicPartition> partitions =
          only.map(s -> Topics.partition(s, all.size()))
              .map(p -> List.of(new TopicPartition(Topics.MACHINES.name(), p)))
              .filter(all::containsAll)
              .orElse(all);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        Iterator<LogRecord> records =
            KafkaRecords.read(
                consumer,
                partition,
                begins.getOrDefault(partition, 0L),
                ends.getOrDefault(partition, 0L));
        while (records.hasNext()) {
          take(KafkaRecords.place(partition), records.next(), reach);
        }
      }
    }
  }

  private void take(Place place, LogRecord record, Reach reach) {
    byte[] key = record.key();
    if (record.value() == null) {
      if (key != null && reader.isBelieved(place, record)) {
        reach.gone(
            new String(key, StandardCharsets.UTF_8), Instant.ofEpochMilli(record.timestamp()));
      } else {
        disbelieved++;
      }
      return;
    }
    Optional<Told> told = reader.told(place, record).filter(t -> t.disbelieved().isEmpty());
    if (told.isPresent() && told.get().event() instanceof MachineAssessed machine) {
      reach.seen(machine);
    } else {
      disbelieved++;
    }
  }

  /** Records of the last look that no enforcer signed, or that are none of a machine. */
  public long disbelieved() {
    return disbelieved;
  }
}
