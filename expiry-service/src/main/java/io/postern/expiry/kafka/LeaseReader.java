package io.postern.expiry.kafka;

import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Reads from a lease's bytes only when something is due, ten times faster than the whole of it: a
 * million of them are read at every start. Bytes of another version of the schema are read in full.
 * Nothing is verified here. Not safe for use by several threads.
 */
final class LeaseReader {
  /** An end of a lease that has ended otherwise, and a reminder of one that has none. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * Fingerprint of the one schema whose layout {@link #walk} walks by hand; a lease of any other is
   * read by its own schema, slower. When Lease changes, change the walk and this together; a test
   * holds them.
   */
  static final long OURS = -4542896118760695545L;

  /** What an announcement repeats of a lease; times in microseconds since 1970. */
  record Content(
      String grantId,
      String requestId,
      String machineId,
      String scope,
      String requestor,
      String requestorIssuer,
      long endMicros,
      long reminderMicros) {}

  private final EventCodec codec;
  private final Map<Integer, Boolean> ours = new HashMap<>();
  private byte[] in = new byte[0];
  private int at;
  private long end;
  private long reminder;

  LeaseReader(EventCodec codec) {
    this.codec = codec;
  }

  /**
   * Reads a lease; {@link #endMicros} and {@link #reminderMicros} are then of this one.
   *
   * @throws PoisonException when it is no lease
   */
  void read(byte[] value) throws PoisonException {
    if (!isOurs(value)) {
      Lease lease = whole(value);
      due(
          micros(lease.getStartsAt()),
          micros(lease.getExpiresAt()),
          lease.getState().ordinal(),
          lease.getReminderMillis());
      return;
    }
    in = value;
    at = 5;
    try {
      walk();
    } catch (IndexOutOfBoundsException e) {
      throw new PoisonException(
          PoisonException.Cause.BROKEN_BYTES, "not a lease: " + e.getMessage());
    }
  }

  /** When the lease ends, in microseconds since 1970; {@link #NEVER} when it ended otherwise. */
  long endMicros() {
    return end;
  }

  /**
   * When its reminder is due, in microseconds since 1970; {@link #NEVER} when it has none, or is
   * too short for one.
   */
  long reminderMicros() {
    return reminder;
  }

  private void due(long starts, long ends, long state, long before) {
    boolean over = state == LeaseState.ENDED.ordinal();
    end = over ? NEVER : ends;
    long due = ends - Math.multiplyExact(before, 1_000L);
    reminder = over || before <= 0 || due <= starts ? NEVER : due;
  }

  /**
   * What an announcement repeats.
   *
   * @throws PoisonException when it is no lease
   */
  Content content(byte[] value) throws PoisonException {
    read(value);
    if (!isOurs(value)) {
      Lease l = whole(value);
      return new Content(
          l.getGrantId(),
          l.getRequestId(),
          l.getMachineId(),
          l.getScope(),
          l.getRequestor(),
          l.getRequestorIssuer(),
          end,
          reminder);
    }
    at = 5;
    return new Content(string(), string(), string(), string(), string(), string(), end, reminder);
  }

  private Lease whole(byte[] value) throws PoisonException {
    if (codec.decodeVerified(value) instanceof Lease lease) {
      return lease;
    }
    throw new PoisonException(PoisonException.Cause.UNEXPECTED_TYPE, "not a lease");
  }

  private String string() {
    int length = (int) varint();
    String text = new String(in, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }

  private boolean isOurs(byte[] value) throws PoisonException {
    if (value.length < 5 || value[0] != 0) {
      codec.writerSchema(value);
      return false;
    }
    int id = ByteBuffer.wrap(value, 1, 4).getInt();
    Boolean known = ours.get(id);
    if (known == null) {
      Schema written = codec.writerSchema(value);
      known = SchemaNormalization.parsingFingerprint64(written) == OURS;
      ours.put(id, known);
    }
    return known;
  }

  private void walk() throws PoisonException {
    for (int i = 0; i < 6; i++) {
      skipString();
    }
    skipArray(3, false);
    skipArray(1, true);
    long starts = varint();
    long ends = varint();
    skipString();
    varint(); // version of the policy
    long state = varint();
    if (varint() != 0) {
      varint(); // why it ended
    }
    skip(1); // closed
    due(starts, ends, state, varint());
  }

  private void skipArray(int fields, boolean strings) throws PoisonException {
    for (long items = varint(); items != 0; items = varint()) {
      if (items < 0) {
        skip(varint());
        continue;
      }
      for (long i = 0; i < items * fields; i++) {
        if (strings) {
          skipString();
        } else {
          varint();
        }
      }
    }
  }

  private void skipString() throws PoisonException {
    skip(varint());
  }

  private void skip(long bytes) throws PoisonException {
    if (bytes < 0 || bytes > in.length - at) {
      throw new PoisonException(PoisonException.Cause.BROKEN_BYTES, "a length beyond the lease");
    }
    at += (int) bytes;
  }

  private long varint() {
    long n = 0;
    int shift = 0;
    byte b;
    do {
      b = in[at++];
      n |= (long) (b & 127) << shift;
      shift += 7;
    } while (b < 0 && shift < 64);
    return n >>> 1 ^ -(n & 1);
  }
}
