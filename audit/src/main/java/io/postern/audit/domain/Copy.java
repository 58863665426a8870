package io.postern.audit.domain;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/** The log, or a copy of it, as it is held against its checkpoints. */
public interface Copy extends AutoCloseable {

  /** Partitions of which it holds records. */
  SortedSet<Place> places();

  /** The checkpoints of all partitions. */
  Held checkpoints();

  /**
   * Checkpoints that are held.
   *
   * @param stretches what those say that the audit consumer signed
   * @param refused why another is none, for the partition that it stands with
   */
  record Held(Map<Place, List<Stretch>> stretches, Map<Place, String> refused) {}

  /** The first offset that a partition still holds; 0 when all that was there must be there. */
  long start(Place place);

  /** What may be beyond the last checkpoint. */
  Verifier.End end();

  /**
   * The records of a partition in the order in which they stand. One partition is read at a time.
   *
   * @param from the first offset of interest
   */
  Iterator<LogRecord> records(Place place, long from);

  @Override
  void close();
}
