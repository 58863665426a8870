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
import java.nio.file.FileAlreadyExistsException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints and the records that they name to a store. Records are kept before their
 * checkpoints are, and nothing is written twice: so it can end at any moment, and goes on where it
 * was.
 */
public final class Export {
  /** Of the records of a segment, in bytes; a longer one is followed by a new one. */
  private static final long SEGMENT_BYTES = 64L << 20;

  private final Store store;
  private final Layout layout;
  private final TrustStore trust;
  private final SchemaRegistry registry;
  private final long segmentBytes;
  private final Set<Integer> schemas = new HashSet<>();

  public Export(Store store, TrustStore trust, SchemaRegistry registry) {
    this(store, trust, registry, SEGMENT_BYTES);
  }

  Export(Store store, TrustStore trust, SchemaRegistry registry, long segmentBytes) {
    this.segmentBytes = segmentBytes;
    this.store = store;
    this.layout = new Layout(store);
    this.trust = trust;
    this.registry = registry;
    for (String name : layout.list(Layout.SCHEMAS)) {
      schemas.add(Math.toIntExact(layout.number(name)));
    }
  }

  /** A checkpoint with the record that bears it. */
  public record Checkpoint(Stretch stretch, LogRecord record) {}

  /** What was written of a partition. */
  public record Written(Place place, long records, long checkpoints, long nextOffset) {}

  /** The log of a partition from an offset on. */
  public interface Source {
    Iterator<LogRecord> from(long offset);
  }

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
    try {
      Stretch last = lastCheckpoint(place);
      return write(
          place,
          last,
          checkpoints.stream().filter(c -> isDue(c.stretch(), last, start)).toList(),
          source);
    } catch (FileAlreadyExistsException e) {
      throw new UnreadableCopyException(
          e.getFile()
              + " appeared while it was being written: by another export, or by this one when the"
              + " answer was lost; run it again, alone");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write to " + store.where(place + "/") + ": " + e.getMessage(), e);
    }
  }

  private static boolean isDue(Stretch stretch, @Nullable Stretch last, long start) {
    return last == null ? stretch.offsets()[0] >= start : stretch.nextOffset() > last.nextOffset();
  }

  private Written write(Place place, @Nullable Stretch before, List<Checkpoint> due, Source source)
      throws IOException {
    Stretch last = before;
    long records = 0;
    Segment segment = null;
    Long unsealed = unsealed(place, before == null ? 0 : before.nextOffset());
    try {
      Iterator<LogRecord> log = null;
      for (Checkpoint checkpoint : due) {
        Stretch stretch = checkpoint.stretch();
        if (last != null && !stretch.follows(last)) {
          throw new UnreadableCopyException(
              "%s: the checkpoint of offset %d does not go on where the copy ends, at %d"
                  .formatted(place, stretch.fromOffset(), last.nextOffset()));
        }
        if (log == null) {
          log = source.from(stretch.fromOffset());
        }
        if (segment == null) {
          segment = next(place, stretch.fromOffset(), unsealed);
          unsealed = null;
        }
        for (long offset : stretch.offsets()) {
          segment.add(take(log, place, offset));
          records++;
        }
        segment.seal(checkpoint.record());
        last = stretch;
        if (segment.isFull()) {
          segment.keep();
          segment.close();
          segment = null;
        }
      }
      if (segment != null) {
        segment.keep();
      }
      return new Written(place, records, due.size(), last == null ? 0 : last.nextOffset());
    } finally {
      if (segment != null) {
        segment.close();
      }
    }
  }

  private Segment next(Place place, long firstOffset, @Nullable Long unsealed) throws IOException {
    if (unsealed == null) {
      return Segment.begin(store, place, firstOffset, segmentBytes);
    }
    if (unsealed != firstOffset) {
      throw new UnreadableCopyException(
          store.where(Layout.records(place, unsealed))
              + " has no checkpoints, and the next checkpoint begins at offset %d; take it away, or"
                  .formatted(firstOffset)
              + " begin a new copy");
    }
    return Segment.resume(store, place, firstOffset);
  }

  /** Where records begin whose checkpoints a killed export did not come to. */
  private @Nullable Long unsealed(Place place, long end) {
    return layout.files(place, Layout.RECORDS).stream()
        .map(layout::number)
        .filter(n -> n >= end)
        .findFirst()
        .orElse(null);
  }

  private @Nullable Stretch lastCheckpoint(Place place) {
    List<String> files = layout.files(place, Layout.CHECKPOINTS);
    if (files.isEmpty()) {
      return null;
    }
    Stretch last = null;
    try (Lines lines = new Lines(store, List.of(files.getLast()))) {
      while (lines.hasNext()) {
        last = Checkpoints.decode(lines.next(), trust);
      }
    } catch (PoisonException e) {
      throw new UnreadableCopyException(
          store.where(files.getLast()) + " holds a checkpoint that is none: " + e.getMessage());
    }
    if (last == null) {
      throw new UnreadableCopyException(store.where(files.getLast()) + " is empty");
    }
    return last;
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
      Segment.write(store, Layout.schema(id), registry.byId(id).toString(true));
    } catch (RegistryException e) {
      // A record that names what nobody registered is a record, too.
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }
}
