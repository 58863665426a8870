package io.postern.expiry.kafka;

import io.postern.event.Lease;
import io.postern.expiry.domain.Deadlines.Step;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Says whether a record comes from its topic's writer, at once or from what was kept of it; what
 * does not is dead-lettered. Safe for use by many threads.
 */
final class Verifier {
  private final EventCodec codec;
  private final Spill spill;
  private final DeadLetters deadLetters;
  private final ExpiryMetrics metrics;
  private final List<Timers> all;

  Verifier(
      EventCodec codec,
      Spill spill,
      DeadLetters deadLetters,
      ExpiryMetrics metrics,
      List<Timers> all) {
    this.codec = codec;
    this.spill = spill;
    this.deadLetters = deadLetters;
    this.metrics = metrics;
    this.all = all;
  }

  /** Verifies a record that was kept and tells everybody who has it; nothing if it was given up. */
  void verify(UUID grant, long record) {
    Spill.Stored stored = spill.get(record);
    if (stored == null) {
      return;
    }
    boolean good = isGood(grant, stored);
    all.forEach(t -> t.verified(grant, record, good));
  }

  /** What there is to do, once all is verified that it depends on. */
  Step settle(UUID grant, Supplier<Step> next) {
    Step step = next.get();
    while (step instanceof Step.Verify v) {
      verify(grant, v.record());
      step = next.get();
    }
    return step;
  }

  private boolean isGood(UUID grant, Spill.Stored stored) {
    Topic topic = stored.lease() ? Topics.LEASES : Topics.EXPIRATIONS;
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            topic.name(), stored.partition(), stored.offset(), stored.key(), stored.value());
    if (stored.signature() != null) {
      record.headers().add(Headers.SIGNATURE, stored.signature());
    }
    try {
      check(topic, grant, record);
      return true;
    } catch (PoisonException e) {
      refuse(topic, record, e);
    } catch (InvalidValueException e) {
      refuse(topic, record, e);
    }
    return false;
  }

  /**
   * Verifies a record.
   *
   * @throws PoisonException when it is not from the topic's writer, or is a lease of another grant
   */
  void check(Topic topic, UUID grant, ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    if (record.value() == null) {
      codec.checkTombstone(topic, record);
    } else if (codec.readFromWriter(topic, record) instanceof Lease lease
        && !GrantId.parse(lease.getGrantId()).value().equals(grant)) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "the key names another grant than the lease");
    }
  }

  void refuse(Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException why) {
    metrics.refused();
    deadLetters.send(topic, record, why);
  }

  void refuse(Topic topic, ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
    refuse(
        topic,
        record,
        new PoisonException(
            PoisonException.Cause.INVALID_CONTENT, String.valueOf(why.getMessage())));
  }
}
