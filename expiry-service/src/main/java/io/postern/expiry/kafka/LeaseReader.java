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
 * Reads from a lease's bytes only when it ends, ten times faster than the whole of it: a million of
 * them are read at every start. Bytes of another version of the schema are read in full. Nothing is
 * verified here. Not safe for use by several threads.
 */
final class LeaseReader {
  static final long ENDED = Long.MAX_VALUE;

  /**
   * Fingerprint of the one schema whose layout {@link #read} walks by hand; a lease of any other is
   * read by its own schema, slower. When Lease changes, change the walk and this together; a test
   * holds them.
   */
  static final long OURS = 8526802481226761573L;

  /** What an expiration repeats of a lease. */
  record Content(
      String grantId, String requestId, String machineId, String scope, long endMicros) {}

  private final EventCodec codec;
  private final Map<Integer, Boolean> ours = new HashMap<>();
  private byte[] in = new byte[0];
  private int at;

  LeaseReader(EventCodec codec) {
    this.codec = codec;
  }

  /**
   * When the lease ends, in microseconds since 1970; {@link #ENDED} when it has ended otherwise.
   *
   * @throws PoisonException when it is no lease
   */
  long endMicros(byte[] value) throws PoisonException {
    if (!isOurs(value)) {
      return codec.decodeVerified(value) instanceof Lease lease ? endMicros(lease) : noLease();
    }
    in = value;
    at = 5;
    try {
      return read();
    } catch (IndexOutOfBoundsException e) {
      throw new PoisonException(
          PoisonException.Cause.BROKEN_BYTES, "not a lease: " + e.getMessage());
    }
  }

  /**
   * What an expiration repeats.
   *
   * @throws PoisonException when it is no lease
   */
  Content content(byte[] value) throws PoisonException {
    if (!isOurs(value)) {
      if (codec.decodeVerified(value) instanceof Lease l) {
        return new Content(
            l.getGrantId(), l.getRequestId(), l.getMachineId(), l.getScope(), endMicros(l));
      }
      throw new PoisonException(PoisonException.Cause.UNEXPECTED_TYPE, "not a lease");
    }
    long end = endMicros(value);
    at = 5;
    return new Content(string(), string(), string(), string(), end);
  }

  private String string() {
    int length = (int) varint();
    String text = new String(in, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  static long endMicros(Lease lease) {
    return lease.getState() == LeaseState.ENDED ? ENDED : micros(lease.getExpiresAt());
  }

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }

  private static long noLease() throws PoisonException {
    throw new PoisonException(PoisonException.Cause.UNEXPECTED_TYPE, "not a lease");
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

  private long read() throws PoisonException {
    for (int i = 0; i < 6; i++) {
      skipString();
    }
    skipArray(3, false);
    skipArray(1, true);
    varint();
    long end = varint();
    skipString();
    varint();
    long state = varint();
    return state == LeaseState.ENDED.ordinal() ? ENDED : end;
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
