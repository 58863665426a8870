package io.postern.expiry.kafka;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as they came, in files instead of on the heap, until their grant is over. A cache of the
 * log: the files have no name any more once they are open, and end with the process. Space is given
 * back by whole files of {@value #SEGMENT_BYTES} bytes. Safe for use by many threads.
 */
final class Spill implements AutoCloseable {
  private static final int SEGMENT_BYTES = 64 << 20;
  // Written many at a time: a start keeps a million, and a page that is touched through a mapping
  // costs more than one that is written.
  private static final int BUFFER_BYTES = 256 << 10;
  // Most records are shorter, and are there with one read.
  private static final int READ_BYTES = 4 << 10;
  private static final int OVERHEAD = 4 + 1 + 4 + 8 + 3 * 4;

  /** A record as it came. */
  record Stored(
      boolean lease,
      int partition,
      long offset,
      byte[] key,
      byte @Nullable [] value,
      byte @Nullable [] signature) {

    private int size() {
      return OVERHEAD + key.length + length(value) + length(signature);
    }

    private static int length(byte @Nullable [] part) {
      return part == null ? 0 : part.length;
    }
  }

  // A plain file rather than a channel: an interrupt of one reader would close that for all.
  private static final class Segment {
    final RandomAccessFile file;
    int live;

    Segment(RandomAccessFile file) {
      this.file = file;
    }
  }

  private final Path directory;
  private final Map<Integer, Segment> segments = new HashMap<>();
  private int current = -1;
  // What is not in the current file yet, and how much is.
  private ByteBuffer unwritten = ByteBuffer.allocate(BUFFER_BYTES);
  private int written;
  // With the lock only, as everything here.
  private final byte[] readInto = new byte[READ_BYTES];
  private boolean closed;

  /**
   * @param directory where the files are made
   */
  Spill(Path directory) {
    this.directory = directory;
  }

  /** Keeps a record; the number names it. */
  synchronized long add(Stored r) {
    int size = r.size();
    if (closed) {
      return (long) Integer.MAX_VALUE << 32;
    }
    try {
      Segment segment = segmentFor(size);
      long number = (long) current << 32 | written + unwritten.position();
      unwritten.putInt(size).put((byte) (r.lease() ? 1 : 0));
      unwritten.putInt(r.partition()).putLong(r.offset());
      put(unwritten, r.key());
      put(unwritten, r.value());
      put(unwritten, r.signature());
      segment.live++;
      return number;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep leases in " + directory, e);
    }
  }

  private static void put(ByteBuffer b, byte @Nullable [] part) {
    if (part == null) {
      b.putInt(-1);
    } else {
      b.putInt(part.length).put(part);
    }
  }

  /** The file that takes so many bytes more; the buffer has room for them. */
  private Segment segmentFor(int size) throws IOException {
    Segment segment = segments.get(current);
    if (segment == null || SEGMENT_BYTES - written - unwritten.position() < size) {
      return next(size);
    }
    if (unwritten.remaining() < size) {
      flush(segment);
      makeRoom(size);
    }
    return segment;
  }

  private void flush(Segment segment) throws IOException {
    segment.file.seek(written);
    segment.file.write(unwritten.array(), 0, unwritten.position());
    written += unwritten.position();
    unwritten.clear();
  }

  private void makeRoom(int size) {
    if (unwritten.capacity() < size) {
      unwritten = ByteBuffer.allocate(size);
    }
  }

  private Segment next(int size) throws IOException {
    Segment full = segments.get(current);
    if (full != null && full.live == 0) {
      forget(current, full);
    } else if (full != null) {
      flush(full);
    }
    unwritten.clear();
    makeRoom(size);
    written = 0;
    current++;
    Path file =
        directory.resolve("expiry-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    try {
      Files.createFile(file);
      Segment segment = new Segment(new RandomAccessFile(file.toFile(), "rw"));
      segments.put(current, segment);
      return segment;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void forget(int number, Segment segment) {
    segments.remove(number);
    try {
      segment.file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A record that is kept, or null when it was given up meanwhile. */
  synchronized @Nullable Stored get(long number) {
    int segmentNumber = (int) (number >>> 32);
    int at = (int) number;
    Segment segment = segments.get(segmentNumber);
    if (segment == null) {
      return null;
    }
    try {
      return stored(
          segmentNumber == current && at >= written
              ? unwritten.duplicate().flip().position(at - written)
              : read(segment.file, at));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read leases kept in " + directory, e);
    }
  }

  private ByteBuffer read(RandomAccessFile file, int at) throws IOException {
    file.seek(at);
    int length = file.read(readInto);
    if (length < Integer.BYTES) {
      throw new EOFException("nothing at " + at);
    }
    int size = ByteBuffer.wrap(readInto).getInt();
    if (size <= length) {
      return ByteBuffer.wrap(readInto);
    }
    byte[] bytes = new byte[size];
    file.seek(at);
    file.readFully(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private static Stored stored(ByteBuffer b) {
    b.getInt();
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
      forget(segmentNumber, segment);
    }
  }

  /** How many files there are. */
  synchronized int files() {
    return segments.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    Map.copyOf(segments).forEach(this::forget);
  }
}
