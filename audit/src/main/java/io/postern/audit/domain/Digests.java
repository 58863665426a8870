package io.postern.audit.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The hashes that the proof is made of, all SHA-256. Numbers are big endian; bytes are preceded by
 * their length in four bytes, -1 when there are none.
 *
 * <ul>
 *   <li>of a record: 0x00, timestamp (8 bytes), key, value, number of headers (4 bytes), and for
 *       each its name in UTF-8 and its value. Where it stands is not in it, so that a record that
 *       was moved is recognised.
 *   <li>of a chain without records: 0x01, the topic's name in UTF-8 with its length, partition (4
 *       bytes).
 *   <li>of a chain with one record more: 0x02, the chain's hash before, offset (8 bytes), digest of
 *       the record.
 * </ul>
 *
 * One thread at a time.
 */
public final class Digests {
  /** Length of a hash in bytes. */
  public static final int BYTES = 32;

  private final MessageDigest sha256;
  // One long update costs less than fifty short ones.
  private byte[] buffer = new byte[2048];
  private int used;

  public Digests() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The digest of a record, wherever it stands. */
  public byte[] of(LogRecord record) {
    one(0);
    eight(record.timestamp());
    bytes(record.key());
    bytes(record.value());
    four(record.headers().size());
    for (LogRecord.Header header : record.headers()) {
      bytes(header.name().getBytes(StandardCharsets.UTF_8));
      bytes(header.value());
    }
    return digest();
  }

  /** The hash with which the chain of a partition begins. */
  public byte[] genesis(Place place) {
    one(1);
    bytes(place.topic().getBytes(StandardCharsets.UTF_8));
    four(place.partition());
    return digest();
  }

  /** The chain's hash after one record more, whose digest stands in an array at an index. */
  public byte[] link(byte[] before, long offset, byte[] digests, int at) {
    one(2);
    put(before, 0, before.length);
    eight(offset);
    put(digests, at, BYTES);
    return digest();
  }

  private byte[] digest() {
    sha256.update(buffer, 0, used);
    used = 0;
    return sha256.digest();
  }

  private void put(byte[] bytes, int at, int length) {
    makeRoom(length);
    System.arraycopy(bytes, at, buffer, used, length);
    used += length;
  }

  private void makeRoom(int length) {
    if (buffer.length - used < length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, used + length));
    }
  }

  private void bytes(byte @Nullable [] bytes) {
    if (bytes == null) {
      four(-1);
    } else {
      four(bytes.length);
      put(bytes, 0, bytes.length);
    }
  }

  private void one(int value) {
    makeRoom(1);
    buffer[used++] = (byte) value;
  }

  private void four(int value) {
    makeRoom(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      buffer[used++] = (byte) (value >>> shift);
    }
  }

  private void eight(long value) {
    four((int) (value >>> 32));
    four((int) value);
  }
}
