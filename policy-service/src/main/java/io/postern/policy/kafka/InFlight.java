package io.postern.policy.kafka;

import java.util.TreeSet;

/** Offsets of one partition that were taken and are not done; they are done in any order. */
final class InFlight {
  private final TreeSet<Long> open = new TreeSet<>();
  private long next;
  private long committed;

  InFlight(long first) {
    this.next = first;
    this.committed = first;
  }

  synchronized void taken(long offset) {
    open.add(offset);
    next = offset + 1;
  }

  synchronized void done(long offset) {
    open.remove(offset);
  }

  /** Everything before this offset is done. */
  synchronized long position() {
    return open.isEmpty() ? next : open.first();
  }

  /** The position, once for each time that it has moved; otherwise -1. */
  synchronized long toCommit() {
    long position = position();
    if (position == committed) {
      return -1;
    }
    committed = position;
    return position;
  }
}
