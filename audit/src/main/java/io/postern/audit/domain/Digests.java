package io.postern.audit.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
  private final byte[] number = new byte[8];

  public Digests() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The digest of a record, wherever it stands. */
  public byte[] of(LogRecord record) {
    sha256.update((byte) 0);
    eight(record.timestamp());
    bytes(record.key());
    bytes(record.value());
    four(record.headers().size());
    for (LogRecord.Header header : record.headers()) {
      bytes(header.name().getBytes(StandardCharsets.UTF_8));
      bytes(header.value());
    }
    return sha256.digest();
  }

  /** The hash with which the chain of a partition begins. */
  public byte[] genesis(Place place) {
    sha256.update((byte) 1);
    bytes(place.topic().getBytes(StandardCharsets.UTF_8));
    four(place.partition());
    return sha256.digest();
  }

  /** The chain's hash after one record more, whose digest stands in an array at an index. */
  public byte[] link(byte[] before, long offset, byte[] digests, int at) {
    sha256.update((byte) 2);
    sha256.update(before);
    eight(offset);
    sha256.update(digests, at, BYTES);
    return sha256.digest();
  }

  private void bytes(byte @Nullable [] bytes) {
    if (bytes == null) {
      four(-1);
    } else {
      four(bytes.length);
      sha256.update(bytes);
    }
  }

  private void four(int value) {
    for (int i = 0; i < 4; i++) {
      number[i] = (byte) (value >>> (24 - 8 * i));
    }
    sha256.update(number, 0, 4);
  }

  private void eight(long value) {
    for (int i = 0; i < 8; i++) {
      number[i] = (byte) (value >>> (56 - 8 * i));
    }
    sha256.update(number, 0, 8);
  }
}
