package io.postern.audit.files;

import io.postern.audit.checkpoint.Checkpoints;
import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.Stretch;
import io.postern.audit.domain.UnreadableCopyException;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.SchemaRegistry;
import io.postern.log.TrustStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints and the records that they name to files. The records of a checkpoint are on
 * the disk before the checkpoint is, and what a killed export left behind the last checkpoint is
 * cut off by the next: so it can end at any moment, and goes on where it was.
 */
public final class Export {
  /** A file that is longer is followed by a new one, in bytes. */
  private static final long SEGMENT_BYTES = 64L << 20;

  private final Layout layout;
  private final TrustStore trust;
  private final SchemaRegistry registry;
  private final Set<Integer> schemas = new HashSet<>();

  public Export(Path directory, TrustStore trust, SchemaRegistry registry) {
    this.layout = new Layout(directory);
    this.trust = trust;
    this.registry = registry;
    for (Path file : Layout.list(layout.schemas())) {
      String name = file.getFileName().toString();
      schemas.add(Integer.parseInt(name.substring(0, name.indexOf('.'))));
    }
  }

  /** A checkpoint with the record that bears it. */
  public record Checkpoint(Stretch stretch, LogRecord record) {}

  /** What was written of a partition. */
  public record Written(Place place, long records, long checkpoints, long nextOffset) {}

  /**
   * Brings a partition up to its last checkpoint.
   *
   * @param checkpoints of the partition, each once, in order; those that are there already are
   *     passed over
   * @param start the first offset that the log still holds: checkpoints that name records before it
   *     are left out
   * @throws UnreadableCopyException when what is there does not join to the checkpoints, or the log
   *     has not the records that they name
   */
  public Written bringUpToDate(
      Place place, List<Checkpoint> checkpoints, long start, Source source) {
    Place of = place;
    Stretch last = cutToLastCheckpoint(of);
    long records = 0;
    long written = 0;
    Segment segment = null;
    try {
      Iterator<LogRecord> log = null;
      for (Checkpoint checkpoint : checkpoints) {
        Stretch stretch = checkpoint.stretch();
        if (last == null
            ? stretch.offsets()[0] < start
            : stretch.nextOffset() <= last.nextOffset()) {
          continue;
        }
        if (last != null && !stretch.follows(last)) {
          throw new UnreadableCopyException(
              "%s: the checkpoint of offset %d does not go on where the copy ends, at %d"
                  .formatted(of, stretch.fromOffset(), last.nextOffset()));
        }
        if (log == null) {
          log = source.from(stretch.fromOffset());
        }
        if (segment == null || segment.isFull()) {
          segment = next(of, segment, stretch.fromOffset());
        }
        for (long offset : stretch.offsets()) {
          segment.add(take(log, of, offset));
          records++;
        }
        segment.seal(checkpoint.record());
        last = stretch;
        written++;
      }
      return new Written(of, records, written, last == null ? 0 : last.nextOffset());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write below " + layout.of(of), e);
    } finally {
      if (segment != null) {
        segment.close();
      }
    }
  }

  /** The log of a partition from an offset on. */
  public interface Source {
    Iterator<LogRecord> from(long offset);
  }

  private LogRecord take(Iterator<LogRecord> log, Place place, long offset) throws IOException {
    LogRecord record = log.hasNext() ? log.next() : null;
    if (record == null || record.offset() != offset) {
      throw new UnreadableCopyException(
          "%s: the log has no record at offset %d, which a checkpoint names; run postern audit verify"
              .formatted(place, offset));
    }
    keepSchema(record.value());
    return record;
  }

  private void keepSchema(byte @Nullable [] value) throws IOException {
    if (value == null || value.length < 5 || value[0] != 0) {
      return;
    }
    int id = ByteBuffer.wrap(value, 1, 4).getInt();
    if (!schemas.add(id)) {
      return;
    }
    try {
      String schema = registry.byId(id).toString(true);
      Files.createDirectories(layout.schemas());
      Files.writeString(layout.schemas().resolve(id + ".avsc"), schema);
    } catch (RegistryException e) {
      // A record that names what nobody registered is a record, too.
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }

  private Segment next(Place place, @Nullable Segment before, long fromOffset) throws IOException {
    if (before != null) {
      before.close();
    } else {
      List<Path> there = layout.files(place, Layout.RECORDS);
      if (!there.isEmpty() && Files.size(there.getLast()) < SEGMENT_BYTES) {
        String name = there.getLast().getFileName().toString();
        return new Segment(place, Long.parseLong(name.substring(0, name.indexOf('.'))));
      }
    }
    return new Segment(place, fromOffset);
  }

  /** Takes away what no checkpoint stands for; answers the last checkpoint there is. */
  private @Nullable Stretch cutToLastCheckpoint(Place place) {
    Stretch last = null;
    try {
      for (Path file : layout.files(place, Layout.CHECKPOINTS)) {
        cutToWholeLines(file);
        try (Lines lines = new Lines(List.of(file))) {
          while (lines.hasNext()) {
            last = Checkpoints.decode(lines.next(), trust);
          }
        }
      }
      long end = last == null ? 0 : last.nextOffset();
      for (Path file : layout.files(place, Layout.RECORDS)) {
        String name = file.getFileName().toString();
        if (Long.parseLong(name.substring(0, name.indexOf('.'))) >= end) {
          Files.delete(file);
        }
      }
      List<Path> files = layout.files(place, Layout.RECORDS);
      if (!files.isEmpty()) {
        cutToOffset(files.getLast(), end);
      }
      return last;
    } catch (PoisonException e) {
      throw new UnreadableCopyException(
          layout.of(place) + " holds a checkpoint that is none: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot go on in " + layout.of(place), e);
    }
  }

  private static void cutToWholeLines(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = channel.size();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (end > 0) {
        channel.read(one.clear(), end - 1);
        if (one.get(0) == '\n') {
          break;
        }
        end--;
      }
      channel.truncate(end);
    }
  }

  private static void cutToOffset(Path file, long nextOffset) throws IOException {
    cutToWholeLines(file);
    long keep = 0;
    try (var reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (RecordLine.read(line, file.toString()).offset() >= nextOffset) {
          break;
        }
        keep += line.getBytes(StandardCharsets.UTF_8).length + 1;
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(keep);
    }
  }

  /** A pair of files that is being written. */
  private final class Segment {
    private final Path records;
    private final FileChannel recordsTo;
    private final FileChannel checkpointsTo;
    private final StringBuilder pending = new StringBuilder();

    Segment(Place place, long firstOffset) throws IOException {
      Files.createDirectories(layout.of(place));
      records = layout.records(place, firstOffset);
      recordsTo = append(records);
      checkpointsTo = append(layout.checkpoints(place, firstOffset));
    }

    private static FileChannel append(Path file) throws IOException {
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    boolean isFull() throws IOException {
      return Files.size(records) >= SEGMENT_BYTES;
    }

    void add(LogRecord record) throws IOException {
      pending.append(RecordLine.write(record)).append('\n');
      if (pending.length() > 1 << 20) {
        flush();
      }
    }

    void seal(LogRecord checkpoint) throws IOException {
      flush();
      recordsTo.force(false);
      write(checkpointsTo, RecordLine.write(checkpoint) + "\n");
      checkpointsTo.force(false);
    }

    private void flush() throws IOException {
      write(recordsTo, pending.toString());
      pending.setLength(0);
    }

    private static void write(FileChannel to, String text) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    }

    void close() {
      try (recordsTo;
          checkpointsTo) {
        pending.setLength(0);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot close " + records, e);
      }
    }
  }
}
