package io.postern.expiry.kafka;

import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.expiry.domain.OwnRecords;
import io.postern.expiry.domain.Strays;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Takes leases and announcements from the log. What was there at the start is verified when it is
 * about to matter; leases that came later, at once. For the thread of one tail, which reads on
 * whether or not the others have read their shares: all that is known of a grant is in its own.
 */
final class Inbox implements LogTail.Handler {
  private static final long LEASE_IS_LATE = Duration.ofMinutes(1).toNanos();

  private record Stray(Timers timers, UUID grant) {}

  private record Announcement(Timers timers, UUID grant, long dueMicros) {}

  private final EventCodec codec;
  private final LeaseReader reader;
  private final Spill spill;
  private final Verifier verifier;
  private final Timers ends;
  private final Timers reminders;
  private final OwnRecords own;
  private final ExpiryMetrics metrics;
  private final BooleanSupplier storm;
  private final Runnable onCaughtUp;
  private final TrustedTime time;
  private final Strays<TopicPartition, Stray> strays = new Strays<>(LEASE_IS_LATE);

  /**
   * @param storm whether we announce so many that what is read can wait
   * @param onCaughtUp run once all has been read that was there at the start
   */
  Inbox(
      EventCodec codec,
      Spill spill,
      Verifier verifier,
      Timers ends,
      Timers reminders,
      OwnRecords own,
      ExpiryMetrics metrics,
      TrustedTime time,
      BooleanSupplier storm,
      Runnable onCaughtUp) {
    this.codec = codec;
    this.reader = new LeaseReader(codec);
    this.spill = spill;
    this.verifier = verifier;
    this.ends = ends;
    this.reminders = reminders;
    this.own = own;
    this.metrics = metrics;
    this.time = time;
    this.storm = storm;
    this.onCaughtUp = onCaughtUp;
  }

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    try {
      if (topic == Topics.EXPIRATIONS) {
        announcement(record);
      } else {
        lease(record);
      }
    } catch (PoisonException e) {
      verifier.refuse(topic, record, e);
    } catch (InvalidValueException | ArithmeticException e) {
      verifier.refuse(topic, record, e);
    }
  }

  private void announcement(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    if (record.value() == null) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "a tombstone");
    }
    // What we put there ourselves comes back: nothing in it is believed, so nothing is verified.
    if (own.isOurs(record.partition(), record.offset())) {
      return;
    }
    // The claim alone; its signature is looked at if its lease is still there when it is due.
    // Verifying each at once would let this replica fall behind the other and speak as well.
    Announcement a = read(record.value());
    Timers.Heard heard =
        a.timers().announced(a.grant(), a.dueMicros(), keep(false, record), isNew(record));
    if (heard.withoutLease()) {
      strays.add(new Stray(a.timers(), a.grant()), time.nanos());
    }
    if (heard.again()) {
      metrics.doubled();
    }
  }

  private boolean isNew(ConsumerRecord<byte[], byte[]> record) {
    return strays.isNew(new TopicPartition(record.topic(), record.partition()), record.offset());
  }

  private Announcement read(byte[] value) throws PoisonException {
    return switch (codec.decodeVerified(value)) {
      case AccessExpired e ->
          new Announcement(
              ends, GrantId.parse(e.getGrantId()).value(), LeaseReader.micros(e.getExpiresAt()));
      case AccessExpiring e ->
          new Announcement(
              reminders, GrantId.parse(e.getGrantId()).value(), LeaseReader.micros(e.getDueAt()));
      default ->
          throw new PoisonException(
              PoisonException.Cause.UNEXPECTED_TYPE, "neither AccessExpired nor AccessExpiring");
    };
  }

  private void lease(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    UUID grant = grantOf(record.key());
    boolean verified = isNew(record);
    if (verified) {
      verifier.check(Topics.LEASES, grant, record);
    }
    if (record.value() == null) {
      ended(grant, record, verified);
      return;
    }
    reader.read(record.value());
    long end = reader.endMicros();
    long reminder = reader.reminderMicros();
    if (end == LeaseReader.NEVER) {
      ended(grant, record, verified);
      return;
    }
    long kept = keep(true, record);
    ends.runs(grant, end, kept, verified);
    if (reminder != LeaseReader.NEVER) {
      spill.retain(kept);
      reminders.runs(grant, reminder, kept, verified);
    } else if (reminders.isKnown(grant)) {
      spill.retain(kept);
      reminders.ended(grant, kept, verified);
    }
  }

  private void ended(UUID grant, ConsumerRecord<byte[], byte[]> record, boolean verified) {
    for (Timers timers : List.of(ends, reminders)) {
      if (timers.isKnown(grant)) {
        timers.ended(grant, keep(true, record), verified);
      }
    }
  }

  private static UUID grantOf(byte @Nullable [] key) throws PoisonException {
    if (key == null || key.length < 36) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "the key names no grant");
    }
    String text = new String(key, key.length - 36, 36, StandardCharsets.UTF_8);
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "the key names no grant: " + text);
    }
  }

  private long keep(boolean lease, ConsumerRecord<byte[], byte[]> record) {
    var signature = record.headers().lastHeader(Headers.SIGNATURE);
    return spill.add(
        new Spill.Stored(
            lease,
            record.partition(),
            record.offset(),
            record.key() == null ? new byte[0] : record.key(),
            record.value(),
            signature == null ? null : signature.value()));
  }

  @Override
  public void onBatchEnd() {
    strays.takeLate(time.nanos()).forEach(s -> s.timers().forgetWithoutLease(s.grant()));
  }

  @Override
  public void onIdle() {
    onBatchEnd();
  }

  @Override
  public Map<TopicPartition, Long> startAt(Map<TopicPartition, Long> ends) {
    strays.starts(ends);
    return Map.of();
  }

  @Override
  public void onCaughtUp() {
    strays.caughtUp(time.nanos());
    onCaughtUp.run();
  }

  @Override
  public boolean mayWait() {
    return storm.getAsBoolean();
  }

  @Override
  public long goOnAt(TopicPartition partition, long position) {
    return partition.topic().equals(Topics.EXPIRATIONS.name())
        ? own.readOnAt(partition.partition(), position)
        : position;
  }
}
