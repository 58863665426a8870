package io.postern.audit.domain;

import java.time.Instant;
import java.util.Arrays;

/** Folds the records of one partition into its chain, in the order of their offsets. */
public final class Folding {
  private final Place place;
  private final Digests with;
  private long fromOffset;
  private long nextOffset;
  private long records;
  private byte[] previousHash;
  private byte[] hash;
  private long[] offsets = new long[64];
  private byte[] digests = new byte[64 * Digests.BYTES];
  private int pending;

  private Folding(Place place, Digests with, long fromOffset, long records, byte[] hash) {
    this.place = place;
    this.with = with;
    this.fromOffset = fromOffset;
    this.nextOffset = fromOffset;
    this.records = records;
    this.previousHash = hash;
    this.hash = hash;
  }

  /** A new chain. */
  public static Folding begin(Place place, Digests with, long fromOffset) {
    return new Folding(place, with, fromOffset, 0, with.genesis(place));
  }

  /** The chain as it goes on after a stretch. */
  public static Folding after(Stretch last, Digests with) {
    return new Folding(last.place(), with, last.nextOffset(), last.records(), last.hash());
  }

  /** The offset that comes next, or any higher one. */
  public long nextOffset() {
    return nextOffset;
  }

  /** Records that are folded in and in no stretch yet. */
  public int pending() {
    return pending;
  }

  /**
   * @throws IllegalArgumentException when the record lies before what was folded in already: the
   *     log has been cut and written anew
   */
  public void fold(LogRecord record) {
    if (record.offset() < nextOffset) {
      throw new IllegalArgumentException(
          "%s: offset %d was folded in already, up to %d: the log was cut off and written anew"
              .formatted(place, record.offset(), nextOffset));
    }
    if (pending == offsets.length) {
      offsets = Arrays.copyOf(offsets, pending * 2);
      digests = Arrays.copyOf(digests, pending * 2 * Digests.BYTES);
    }
    offsets[pending] = record.offset();
    System.arraycopy(with.of(record), 0, digests, pending * Digests.BYTES, Digests.BYTES);
    hash = with.link(hash, record.offset(), digests, pending * Digests.BYTES);
    nextOffset = record.offset() + 1;
    records++;
    pending++;
  }

  /**
   * The records folded in since the last time, as a stretch.
   *
   * @throws IllegalStateException when there are none
   */
  public Stretch take(Instant now) {
    if (pending == 0) {
      throw new IllegalStateException(place + " has nothing new");
    }
    Stretch stretch =
        new Stretch(
            place,
            fromOffset,
            nextOffset,
            records,
            previousHash,
            hash,
            Arrays.copyOf(offsets, pending),
            Arrays.copyOf(digests, pending * Digests.BYTES),
            now);
    fromOffset = nextOffset;
    previousHash = hash;
    pending = 0;
    return stretch;
  }
}
