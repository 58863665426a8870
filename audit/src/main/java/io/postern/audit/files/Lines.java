package io.postern.audit.files;

import io.postern.audit.domain.LogRecord;
import io.postern.audit.domain.UnreadableCopyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The records in files, one after the other; one file is open at a time. */
final class Lines implements Iterator<LogRecord>, AutoCloseable {
  private final Iterator<Path> files;
  private Path file = Path.of("");
  private @Nullable BufferedReader reader;
  private @Nullable LogRecord next;
  private long line;

  Lines(List<Path> files) {
    this.files = files.iterator();
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      String text = readLine();
      if (text == null) {
        if (!files.hasNext()) {
          return false;
        }
        open(files.next());
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

  private void open(Path path) {
    close();
    file = path;
    line = 0;
    try {
      reader = Files.newBufferedReader(path);
    } catch (IOException e) {
      throw new UnreadableCopyException(path + " cannot be opened");
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
      throw new UnreadableCopyException(file + " cannot be read: " + e.getMessage());
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
