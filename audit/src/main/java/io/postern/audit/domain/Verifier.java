package io.postern.audit.domain;

import io.postern.audit.domain.Finding.Kind;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds a partition of a copy against its proof and names the first record that was changed,
 * dropped, added or moved.
 *
 * <p>Record by record, offset and digest must be what the checkpoints say. At the first that is
 * not, the rest of the copy is read once more for two digests only: that of the record that should
 * be there and that of the one that is. Who of the two is missing or too many tells what happened.
 * So it needs no more memory than the checkpoints, whatever the length of the copy.
 */
public final class Verifier {
  private static final byte[] NO_DIGEST = {};

  /** What may be beyond the last checkpoint. */
  public enum End {
    /** Nothing: whatever is there was added. */
    SHUT,
    /** The log goes on; it is counted, and nothing is said of it. */
    OPEN
  }

  private final Digests with;

  public Verifier(Digests with) {
    this.with = with;
  }

  /**
   * @param copy the partition's records in the order in which they stand, from {@code start} on
   * @param start where the copy begins: records before it are not missed; 0 for all
   */
  public Verdict verify(Proof proof, Iterator<LogRecord> copy, long start, End end) {
    Expected expected = new Expected(proof, start);
    Actual actual = new Actual(copy, end == End.OPEN ? proof.nextOffset() : Long.MAX_VALUE);
    long proven = 0;
    try {
      while (actual.next() && expected.isThere() && expected.isMetBy(actual.current())) {
        proven++;
        expected.next();
      }
      LogRecord found = actual.atEnd() ? null : actual.current();
      Optional<Finding> finding;
      if (proof.broken().isPresent() && !expected.isThere()) {
        finding = proof.broken();
      } else if (found == null && !expected.isThere()) {
        finding = Optional.empty();
      } else {
        finding = Optional.of(told(proof, expected, found, actual));
      }
      return Verdict.of(proof, proven, actual.tail(), finding);
    } catch (UnreadableCopyException e) {
      long at = expected.isThere() ? expected.offset() : proof.nextOffset();
      return Verdict.of(
          proof,
          proven,
          0,
          Optional.of(
              new Finding(
                  Kind.UNREADABLE, proof.place(), at, NO_DIGEST, String.valueOf(e.getMessage()))));
    }
  }

  private Finding told(Proof proof, Expected expected, @Nullable LogRecord found, Actual actual) {
    if (found == null) {
      return new Finding(
          Kind.DROPPED,
          proof.place(),
          expected.offset(),
          expected.digest(),
          "the copy ends before it");
    }
    byte[] is = with.of(found);
    if (!expected.isThere()) {
      return new Finding(
          Kind.ADDED,
          proof.place(),
          found.offset(),
          is,
          copied(proof, is, "no checkpoint knows it"));
    }
    return told(proof, expected, found, is, new Rest(actual, is, expected.digest()));
  }

  private Finding told(Proof proof, Expected expected, LogRecord found, byte[] is, Rest rest) {
    Place place = proof.place();
    long due = expected.offset();
    byte[] should = expected.digest();
    boolean tooMany = rest.ofIs > expected.countFrom(is);
    boolean tooFew = rest.ofShould < expected.countFrom(should);
    if (tooMany && tooFew && found.offset() == due) {
      return new Finding(
          Kind.CHANGED,
          place,
          due,
          should,
          copied(proof, is, "its content is not what was recorded"));
    }
    if (tooFew && !(tooMany && found.offset() < due)) {
      return new Finding(
          Kind.DROPPED, place, due, should, "in its place stands offset " + found.offset());
    }
    if (tooMany) {
      return new Finding(
          Kind.ADDED, place, found.offset(), is, copied(proof, is, "no checkpoint knows it"));
    }
    if (Arrays.equals(is, should)) {
      return new Finding(
          Kind.MOVED, place, due, should, "it says that its offset is " + found.offset());
    }
    if (rest.nextIsShould) {
      return new Finding(
          Kind.MOVED, place, offsetOf(proof, is), is, "it stands before offset " + due);
    }
    return new Finding(
        Kind.MOVED,
        place,
        due,
        should,
        "in its place stands the record of offset " + offsetOf(proof, is));
  }

  private static long offsetOf(Proof proof, byte[] digest) {
    for (Stretch stretch : proof.stretches()) {
      for (int i = 0; i < stretch.offsets().length; i++) {
        if (stretch.digestEquals(i, digest)) {
          return stretch.offsets()[i];
        }
      }
    }
    return -1;
  }

  private static String copied(Proof proof, byte[] digest, String otherwise) {
    long of = offsetOf(proof, digest);
    return of < 0 ? otherwise : "it is a copy of the record of offset " + of;
  }

  /** The records that should be there, one after the other. */
  private final class Expected {
    private final Proof proof;
    private int stretch;
    private int record = -1;

    Expected(Proof proof, long start) {
      this.proof = proof;
      next();
      while (isThere() && offset() < start) {
        next();
      }
    }

    void next() {
      record++;
      while (isThere() && record == proof.stretches().get(stretch).offsets().length) {
        stretch++;
        record = 0;
      }
    }

    boolean isThere() {
      return stretch < proof.stretches().size();
    }

    long offset() {
      return proof.stretches().get(stretch).offsets()[record];
    }

    byte[] digest() {
      return proof.stretches().get(stretch).digest(record);
    }

    boolean isMetBy(LogRecord found) {
      return found.offset() == offset()
          && proof.stretches().get(stretch).digestEquals(record, with.of(found));
    }

    /** How often a digest stands from here on. */
    int countFrom(byte[] digest) {
      int count = 0;
      for (int s = stretch; s < proof.stretches().size(); s++) {
        Stretch in = proof.stretches().get(s);
        for (int i = s == stretch ? record : 0; i < in.offsets().length; i++) {
          count += in.digestEquals(i, digest) ? 1 : 0;
        }
      }
      return count;
    }
  }

  /** The records that are there; those after the end of the proof are counted only. */
  private static final class Actual {
    private final Iterator<LogRecord> copy;
    private final long endsAt;
    private long tail;
    private @Nullable LogRecord current;

    Actual(Iterator<LogRecord> copy, long endsAt) {
      this.copy = copy;
      this.endsAt = endsAt;
    }

    boolean next() {
      while (copy.hasNext()) {
        LogRecord record = copy.next();
        if (record.offset() < endsAt) {
          current = record;
          return true;
        }
        tail++;
      }
      current = null;
      return false;
    }

    boolean atEnd() {
      return current == null;
    }

    LogRecord current() {
      LogRecord record = current;
      if (record == null) {
        throw new NoSuchElementException();
      }
      return record;
    }

    long tail() {
      return tail;
    }
  }

  /** What the copy holds of two digests from the record on that differs. */
  private final class Rest {
    private int ofIs;
    private int ofShould;
    private boolean nextIsShould;

    Rest(Actual actual, byte[] is, byte[] should) {
      boolean first = true;
      boolean second = true;
      while (!actual.atEnd()) {
        byte[] digest = first ? is : with.of(actual.current());
        boolean met = Arrays.equals(digest, should);
        ofIs += Arrays.equals(digest, is) ? 1 : 0;
        ofShould += met ? 1 : 0;
        if (!first && second) {
          nextIsShould = met;
          second = false;
        }
        first = false;
        actual.next();
      }
    }
  }
}
