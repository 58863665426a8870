package io.postern.audit.domain;

import java.time.Instant;
import java.util.Arrays;

/**
 * What a checkpoint says of a partition: the records of a stretch of it, one by one, and the hash
 * of the whole chain before and after.
 *
 * @param fromOffset where the stretch begins
 * @param nextOffset the offset after its last record
 * @param records how many records the chain has folded in at its end
 * @param offsets of its records, rising
 * @param digests of its records, one after the other, {@link Digests#BYTES} each
 * @param checkedAt when it was checked, by the clock of whoever signed it
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by sameAs.
public record Stretch(
    Place place,
    long fromOffset,
    long nextOffset,
    long records,
    byte[] previousHash,
    byte[] hash,
    long[] offsets,
    byte[] digests,
    Instant checkedAt) {

  /**
   * @throws IllegalArgumentException when the parts do not fit each other; whether the hashes are
   *     right is not looked at, see {@link #holds}
   */
  public Stretch {
    if (digests.length != offsets.length * Digests.BYTES
        || previousHash.length != Digests.BYTES
        || hash.length != Digests.BYTES) {
      throw new IllegalArgumentException(
          "a checkpoint whose digests are not as many as its records");
    }
    long before = fromOffset - 1;
    for (long offset : offsets) {
      if (offset <= before) {
        throw new IllegalArgumentException("a checkpoint whose offsets do not rise");
      }
      before = offset;
    }
    if (offsets.length == 0 || fromOffset < 0 || nextOffset != before + 1) {
      throw new IllegalArgumentException("a checkpoint that does not end after its last record");
    }
    if (records < offsets.length) {
      throw new IllegalArgumentException("a checkpoint with fewer records than it names");
    }
  }

  /** How many records of the chain are of earlier stretches. */
  public long recordsBefore() {
    return records - offsets.length;
  }

  /** Whether its hash follows from the hash before and its records. */
  public boolean holds(Digests with) {
    byte[] at = previousHash;
    for (int i = 0; i < offsets.length; i++) {
      at = with.link(at, offsets[i], digests, i * Digests.BYTES);
    }
    return Arrays.equals(at, hash);
  }

  /** Whether it goes on where the other ends. */
  public boolean follows(Stretch other) {
    return fromOffset == other.nextOffset
        && recordsBefore() == other.records
        && Arrays.equals(previousHash, other.hash);
  }

  /** Whether it says the same of the same records. */
  public boolean sameAs(Stretch other) {
    return place.equals(other.place)
        && fromOffset == other.fromOffset
        && nextOffset == other.nextOffset
        && records == other.records
        && Arrays.equals(previousHash, other.previousHash)
        && Arrays.equals(hash, other.hash);
  }

  boolean digestEquals(int i, byte[] digest) {
    return Arrays.equals(
        digests, i * Digests.BYTES, (i + 1) * Digests.BYTES, digest, 0, Digests.BYTES);
  }

  byte[] digest(int i) {
    return Arrays.copyOfRange(digests, i * Digests.BYTES, (i + 1) * Digests.BYTES);
  }
}
