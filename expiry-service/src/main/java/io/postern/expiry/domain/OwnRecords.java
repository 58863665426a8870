package io.postern.expiry.domain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where on the log the records stand that we put there ourselves, until each has come back. Batches
 * stand side by side, so that a storm is a few ranges. Safe for use by many threads.
 */
public final class OwnRecords {
  private static final class Range {
    final long first;
    long last;

    Range(long offset) {
      this.first = offset;
      this.last = offset;
    }
  }

  private final Map<Integer, Deque<Range>> byPartition = new HashMap<>();

  /** A record of ours is on the log; of a partition, they are told in the order of the log. */
  public synchronized void add(int partition, long offset) {
    Deque<Range> ranges = byPartition.computeIfAbsent(partition, p -> new ArrayDeque<>());
    Range newest = ranges.peekLast();
    if (newest != null && newest.last + 1 == offset) {
      newest.last = offset;
    } else {
      ranges.addLast(new Range(offset));
    }
  }

  /**
   * Whether the record that was read here is ours, as far as is known by now; of a partition, they
   * are read in the order of the log, and what lies before is forgotten.
   */
  public synchronized boolean isOurs(int partition, long offset) {
    return rangeOf(partition, offset) != null;
  }

  /**
   * Where to read on in a partition, so that what is known to be ours by now need not be read at
   * all; what lies before is forgotten.
   *
   * @param offset of the next record to be read
   */
  public synchronized long readOnAt(int partition, long offset) {
    Range ours = rangeOf(partition, offset);
    return ours == null ? offset : ours.last + 1;
  }

  private @Nullable Range rangeOf(int partition, long offset) {
    Deque<Range> ranges = byPartition.get(partition);
    if (ranges == null) {
      return null;
    }
    while (!ranges.isEmpty() && ranges.element().last < offset) {
      ranges.remove();
    }
    return ranges.isEmpty() || offset < ranges.element().first ? null : ranges.element();
  }
}
