package io.postern.audit.files;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.Place;
import io.postern.audit.domain.UnreadableCopyException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records and the checkpoints that name them, on their way into a store. The records are kept
 * first. Where an export was killed between the two, the records are there: then what would be
 * written is held against them, since they cannot be written again.
 */
final class Segment implements Closeable {
  private final Store store;
  private final String records;
  private final String checkpoints;
  private final Store.@Nullable Draft draft;
  private final @Nullable Lines there;
  private final StringBuilder seals = new StringBuilder();
  private final long fullBytes;
  private long bytes;

  private Segment(
      Store store,
      Place place,
      long firstOffset,
      Store.@Nullable Draft draft,
      @Nullable Lines there,
      long fullBytes) {
    this.store = store;
    this.records = Layout.records(place, firstOffset);
    this.checkpoints = Layout.checkpoints(place, firstOffset);
    this.draft = draft;
    this.there = there;
    this.fullBytes = fullBytes;
  }

  /**
   * @param fullBytes of records, after which no further checkpoint belongs here
   */
  static Segment begin(Store store, Place place, long firstOffset, long fullBytes)
      throws IOException {
    return new Segment(
        store,
        place,
        firstOffset,
        store.draft(Layout.records(place, firstOffset)),
        null,
        fullBytes);
  }

  /** Of which the records are there, and the checkpoints are not. */
  static Segment resume(Store store, Place place, long firstOffset) {
    Lines there = new Lines(store, List.of(Layout.records(place, firstOffset)));
    return new Segment(store, place, firstOffset, null, there, 0);
  }

  void add(LogRecord record) throws IOException {
    String line = RecordLine.write(record);
    if (there != null) {
      if (!there.hasNext() || !RecordLine.write(there.next()).equals(line)) {
        throw notOurs();
      }
    } else if (draft != null) {
      byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
      draft.out().write(text);
      bytes += text.length;
    }
  }

  void seal(LogRecord checkpoint) {
    seals.append(RecordLine.write(checkpoint)).append('\n');
  }

  /** Whether the next checkpoint belongs into the next segment. */
  boolean isFull() {
    return there != null ? !there.hasNext() : bytes >= fullBytes;
  }

  void keep() throws IOException {
    if (there != null && there.hasNext()) {
      throw notOurs();
    }
    if (draft != null) {
      draft.keep();
    }
    write(store, checkpoints, seals.toString());
  }

  static void write(Store store, String name, String text) throws IOException {
    try (Store.Draft whole = store.draft(name)) {
      OutputStream out = whole.out();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      whole.keep();
    }
  }

  private UnreadableCopyException notOurs() {
    return new UnreadableCopyException(
        store.where(records)
            + " has no checkpoints, and its records are not those of the log; take it away, or"
            + " begin a new copy");
  }

  @Override
  public void close() throws IOException {
    if (there != null) {
      there.close();
    }
    if (draft != null) {
      draft.close();
    }
  }
}
