package io.postern.audit.domain;

import java.util.Arrays;

/**
 * The first thing in a partition that is not as it was.
 *
 * @param offset of the record that is meant
 * @param digest of that record; empty where none is known
 * @param detail a sentence for people
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by sameRecord.
public record Finding(Kind kind, Place place, long offset, byte[] digest, String detail) {

  /** What happened to the record. */
  public enum Kind {
    /** Other content stands at its offset. */
    CHANGED,
    /** It is gone. */
    DROPPED,
    /** It was not there. */
    ADDED,
    /** It is there, and not in its place. */
    MOVED,
    /** The copy cannot be read there. */
    UNREADABLE,
    /**
     * From there on nothing is proven: checkpoints are missing, contradict each other or are
     * forged.
     */
    UNPROVEN
  }

  boolean sameRecord(Finding other) {
    return digest.length > 0 && Arrays.equals(digest, other.digest);
  }

  /** One sentence: what, where, and what was seen. */
  public String sentence() {
    return "%s offset %d %s: %s"
        .formatted(place, offset, kind.name().toLowerCase(java.util.Locale.ROOT), detail);
  }
}
