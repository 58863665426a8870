package io.postern.audit.log;

import io.postern.audit.domain.Copy;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.story.Facts;
import io.postern.audit.story.Story;
import io.postern.audit.story.Subject;
import io.postern.audit.story.Told;
import io.postern.log.AvroFraming;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a copy as events, and tells which are not to be believed. */
public final class EventReader {
  private static final Logger LOGGER = LoggerFactory.getLogger(EventReader.class);

  private final @Nullable Copy copy;
  private final TrustStore trust;
  private final AvroFraming framing;
  private long unreadable;

  public EventReader(Copy copy, TrustStore trust, SchemaRegistry registry) {
    this(trust, registry, copy);
  }

  /** For records that somebody else reads. */
  EventReader(TrustStore trust, SchemaRegistry registry) {
    this(trust, registry, null);
  }

  private EventReader(TrustStore trust, SchemaRegistry registry, @Nullable Copy copy) {
    this.copy = copy;
    this.trust = trust;
    this.framing = new AvroFraming(registry, false);
  }

  /** What belongs to a subject, in the order of the log's time. */
  public List<Told> story(Subject subject) {
    Story story = new Story(subject);
    unreadable = 0;
    eachEvent(
        (told, facts) -> {
          // A forged request must not draw another's story into this one.
          if (story.teaches(facts) && told.get().disbelieved().isEmpty()) {
            story.learn(facts);
          }
        });
    unreadable = 0;
    eachEvent(
        (told, facts) -> {
          if (story.belongs(facts)) {
            story.keep(told.get());
          }
        });
    return story.told();
  }

  /** Records that are no event that can be read, of the last look. */
  public long unreadable() {
    return unreadable;
  }

  /** One record of the log as an event; empty when it is none that can be read. */
  Optional<Told> told(Place place, LogRecord record) {
    SpecificRecord event = event(record.value());
    return event == null ? Optional.empty() : Optional.of(told(place, record, event));
  }

  private void eachEvent(BiConsumer<java.util.function.Supplier<Told>, Facts> each) {
    Copy of = copy;
    if (of == null) {
      throw new IllegalStateException("there is no copy to read");
    }
    for (Place place : of.places()) {
      // Signed with a key that is policy-service's alone; what it says is in the decisions, too.
      if (place.topic().equals(Topics.VETTED.name())) {
        continue;
      }
      Iterator<LogRecord> records = of.records(place, 0);
      while (records.hasNext()) {
        LogRecord record = records.next();
        SpecificRecord event = event(record.value());
        if (event == null) {
          unreadable++;
        } else {
          each.accept(() -> told(place, record, event), Facts.of(event));
        }
      }
    }
  }

  private @Nullable SpecificRecord event(byte @Nullable [] value) {
    try {
      return value == null ? null : framing.decode(value);
    } catch (PoisonException e) {
      LOGGER.atDebug().log("a record is no event: {}", e.getMessage());
      return null;
    }
  }

  /** Whether the writer of the record's topic signed it, a tombstone too. */
  boolean isBelieved(Place place, LogRecord record) {
    try {
      EventCodec.checkWriter(Topics.byName(place.topic()), signed(place, record));
      return true;
    } catch (PoisonException e) {
      return false;
    }
  }

  private TrustStore.Signed signed(Place place, LogRecord record) throws PoisonException {
    byte[] key = record.key();
    byte[] value = record.value();
    return trust.speaker(
        Topics.byName(place.topic()),
        key == null ? new byte[0] : key,
        value == null ? new byte[0] : value,
        record.header(Headers.SIGNATURE),
        Instant.ofEpochMilli(record.timestamp()));
  }

  private Told told(Place place, LogRecord record, SpecificRecord event) {
    String speaker = "nobody";
    Optional<String> disbelieved = Optional.empty();
    try {
      TrustStore.Signed signed = signed(place, record);
      speaker = signed.owner();
      Topic topic = Topics.byName(place.topic());
      if (!topic.writer().equals(Topics.ANYONE)) {
        EventCodec.checkWriter(topic, signed);
      }
      if (!topic.events().contains(event.getClass())) {
        disbelieved = Optional.of("UNEXPECTED_TYPE");
      }
    } catch (PoisonException e) {
      disbelieved = Optional.of(e.reason().name());
    }
    return new Told(
        place,
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        event,
        speaker,
        disbelieved);
  }
}
