package io.postern.log;

import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * A topic of the log.
 *
 * @param key what a record's key is, in words
 * @param partitionedBy what decides the partition
 * @param writer the one service that writes it; {@code anyone} for the two doors from outside
 * @param readers services that read it
 * @param events the types that it carries
 * @param family the catalogue's topic that it is one of: its own name, but for a producer's own
 *     topic, see {@link Topics#ofProducer}
 */
public record Topic(
    String name,
    String key,
    PartitionedBy partitionedBy,
    Cleanup cleanup,
    String writer,
    List<String> readers,
    List<Class<? extends SpecificRecord>> events,
    String family) {

  /** What decides the partition of a record. */
  public enum PartitionedBy {
    /** The record's key. */
    KEY,
    /**
     * The throttling domain that the record belongs to, whatever its key; see {@link
     * Topics#partition}.
     */
    SCOPE
  }

  /** What Kafka does with old records. */
  public enum Cleanup {
    DELETE,
    COMPACT
  }

  public Topic {
    readers = List.copyOf(readers);
    events = List.copyOf(events);
  }

  /** A topic of the catalogue. */
  Topic(
      String name,
      String key,
      PartitionedBy partitionedBy,
      Cleanup cleanup,
      String writer,
      List<String> readers,
      List<Class<? extends SpecificRecord>> events) {
    this(name, key, partitionedBy, cleanup, writer, readers, events, name);
  }

  /**
   * Whether one producer alone may write it, by the broker's access control: who speaks there is
   * known by the topic, and a signature is not needed.
   */
  public boolean isProducersOwn() {
    return !name.equals(family);
  }

  /** Where records of this topic go that the service cannot use; one for all of a family. */
  public String deadLetter(String service) {
    return family + "." + service + "-dlt";
  }
}
