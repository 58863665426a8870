package io.postern.audit.files;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.UnreadableCopyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The records under names of a store, one after the other; one is open at a time. */
final class Lines implements Iterator<LogRecord>, AutoCloseable {
  private final Store store;
  private final Iterator<String> names;
  private String file = "";
  private @Nullable BufferedReader reader;
  private @Nullable LogRecord next;
  private long line;

  Lines(Store store, List<String> names) {
    this.store = store;
    this.names = names.iterator();
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      String text = readLine();
      if (text == null) {
        if (!names.hasNext()) {
          return false;
        }
        open(names.next());
      } else {
        next = RecordLine.read(text, "line " + line + " of " + file);
      }
    }
    return true;
  }

  @Override
  public LogRecord next() {
    LogRecord record = hasNext() ? next : null;
    if (record == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return record;
  }

  private void open(String name) {
    close();
    file = store.where(name);
    line = 0;
    try {
      // A decoder, unlike a charset, refuses what is not UTF-8.
      reader =
          new BufferedReader(
              new InputStreamReader(store.open(name), StandardCharsets.UTF_8.newDecoder()));
    } catch (NoSuchFileException e) {
      throw new UnreadableCopyException(file + " is gone");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open " + file + ": " + e.getMessage(), e);
    }
  }

  private @Nullable String readLine() {
    BufferedReader open = reader;
    if (open == null) {
      return null;
    }
    try {
      line++;
      return open.readLine();
    } catch (CharacterCodingException e) {
      throw new UnreadableCopyException("line " + line + " of " + file + " is not UTF-8");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    BufferedReader open = reader;
    reader = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UnreadableCopyException(file + " cannot be closed");
      }
    }
  }
}
