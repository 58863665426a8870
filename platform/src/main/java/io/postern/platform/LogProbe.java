package io.postern.platform;

import io.postern.log.AvroFraming;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Watches topics for tests and benchmarks: everything on them, and a wait for what is to come. */
public final class LogProbe implements LogTail.Handler, AutoCloseable {

  /** A record as seen, with its event when it has one that can be read. */
  public record Seen(ConsumerRecord<byte[], byte[]> record, Optional<SpecificRecord> event) {}

  private final AvroFraming framing;
  private final LogTail tail;
  private final List<Seen> seen = new ArrayList<>();

  private LogProbe(KafkaSettings kafka, String registryUrl, List<String> topics) {
    this.framing =
        new AvroFraming(new SchemaRegistry(List.of(registryUrl), Optional.empty()), false);
    this.tail = new LogTail(EmbeddedBroker.uniqueName("probe"), kafka, topics, this);
  }

  /** Watches the topics from their beginning. */
  public static LogProbe on(Platform platform, String... topics) throws InterruptedException {
    LogProbe probe = new LogProbe(platform.kafka(), platform.registryUrl(), List.of(topics));
    probe.tail.start();
    probe.tail.awaitCaughtUp(Duration.ofSeconds(30));
    return probe;
  }

  @Override
  public synchronized void onRecord(ConsumerRecord<byte[], byte[]> record) {
    seen.add(new Seen(record, decode(record)));
    notifyAll();
  }

  private Optional<SpecificRecord> decode(ConsumerRecord<byte[], byte[]> record) {
    try {
      return record.value() == null
          ? Optional.empty()
          : Optional.of(framing.decode(record.value()));
    } catch (PoisonException e) {
      return Optional.empty();
    }
  }

  /** Everything seen so far, per partition in order. */
  public synchronized List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** Events of a type seen so far that match. */
  public synchronized <T extends SpecificRecord> List<T> all(Class<T> type, Predicate<T> which) {
    return seen.stream()
        .flatMap(s -> s.event().stream())
        .filter(type::isInstance)
        .map(type::cast)
        .filter(which)
        .toList();
  }

  /**
   * Waits for an event.
   *
   * @throws AssertionError when none comes in time
   */
  public <T extends SpecificRecord> T await(Class<T> type, Predicate<T> which)
      throws InterruptedException {
    return awaitSeen(
            type.getSimpleName(),
            s -> s.event().filter(type::isInstance).map(type::cast).filter(which).isPresent())
        .event()
        .map(type::cast)
        .orElseThrow();
  }

  /**
   * Waits for a record.
   *
   * @throws AssertionError when none comes in time
   */
  public synchronized Seen awaitSeen(String what, Predicate<Seen> which)
      throws InterruptedException {
    Instant limit = Instant.now().plusSeconds(30);
    while (true) {
      Optional<Seen> found = seen.stream().filter(which).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      Duration left = Duration.between(Instant.now(), limit);
      if (!left.isPositive()) {
        throw new AssertionError("no " + what + " within 30 s; seen were " + seen);
      }
      wait(left.toMillis() + 1);
    }
  }

  @Override
  public void close() {
    tail.close();
  }
}
