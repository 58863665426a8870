package io.postern.expiry.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as they came, in mapped files instead of on the heap, until their grant is over. A cache
 * of the log: the files have no name any more once they are open, and end with the process. Space
 * is given back by whole files of {@value #SEGMENT_BYTES} bytes. Safe for use by many threads.
 */
final class Spill implements AutoCloseable {
  private static final int SEGMENT_BYTES = 64 << 20;
  private static final int OVERHEAD = 1 + 4 + 8 + 3 * 4;

  /** A record as it came. */
  record Stored(
      boolean lease,
      int partition,
      long offset,
      byte[] key,
      byte @Nullable [] value,
      byte @Nullable [] signature) {}

  private static final class Segment {
    final ByteBuffer bytes;
    int live;

    Segment(ByteBuffer bytes) {
      this.bytes = bytes;
    }
  }

  private final Path directory;
  private final Map<Integer, Segment> segments = new HashMap<>();
  private int current = -1;

  /**
   * @param directory where the files are made
   */
  Spill(Path directory) {
    this.directory = directory;
  }

  /** Keeps a record; the number names it. */
  synchronized long add(Stored r) {
    int valueLength = r.value() == null ? 0 : r.value().length;
    int signatureLength = r.signature() == null ? 0 : r.signature().length;
    int size = OVERHEAD + r.key().length + valueLength + signatureLength;
    Segment segment = segments.get(current);
    if (segment == null || segment.bytes.remaining() < size) {
      segment = next(size);
    }
    ByteBuffer b = segment.bytes;
    long number = (long) current << 32 | b.position();
    b.put((byte) (r.lease() ? 1 : 0)).putInt(r.partition()).putLong(r.offset());
    put(b, r.key());
    put(b, r.value());
    put(b, r.signature());
    segment.live++;
    return number;
  }

  private static void put(ByteBuffer b, byte @Nullable [] part) {
    if (part == null) {
      b.putInt(-1);
    } else {
      b.putInt(part.length).put(part);
    }
  }

  private Segment next(int size) {
    Segment full = segments.get(current);
    int fullNumber = current++;
    if (full != null && full.live == 0) {
      segments.remove(fullNumber);
    }
    Path file =
        directory.resolve("expiry-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      Segment segment =
          new Segment(
              channel.map(FileChannel.MapMode.READ_WRITE, 0, Math.max(SEGMENT_BYTES, size)));
      segments.put(current, segment);
      return segment;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep leases in " + directory, e);
    } finally {
      delete(file);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A record that is kept, or null when it was given up meanwhile. */
  synchronized @Nullable Stored get(long number) {
    Segment segment = segments.get((int) (number >>> 32));
    if (segment == null) {
      return null;
    }
    ByteBuffer b = segment.bytes.duplicate();
    b.limit(b.capacity()).position((int) number);
    boolean lease = b.get() == 1;
    int partition = b.getInt();
    long offset = b.getLong();
    byte[] key = part(b);
    byte[] value = part(b);
    byte[] signature = part(b);
    return new Stored(lease, partition, offset, key == null ? new byte[0] : key, value, signature);
  }

  private static byte @Nullable [] part(ByteBuffer b) {
    int length = b.getInt();
    if (length < 0) {
      return null;
    }
    byte[] part = new byte[length];
    b.get(part);
    return part;
  }

  /** The record is needed once more than it was, and is to be released once more. */
  synchronized void retain(long number) {
    Segment segment = segments.get((int) (number >>> 32));
    if (segment != null) {
      segment.live++;
    }
  }

  /** The record is needed no longer. */
  synchronized void release(long number) {
    int segmentNumber = (int) (number >>> 32);
    Segment segment = segments.get(segmentNumber);
    if (segment != null && --segment.live == 0 && segmentNumber != current) {
      segments.remove(segmentNumber);
    }
  }

  @Override
  public synchronized void close() {
    segments.clear();
    current = Integer.MAX_VALUE >> 1;
  }
}
