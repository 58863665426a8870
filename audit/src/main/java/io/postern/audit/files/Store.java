package io.postern.audit.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Where an exported copy is kept: things under names with {@code /} between their parts. Each is
 * written once, appears whole or not at all, and is never changed afterwards.
 */
public interface Store extends AutoCloseable {

  /** Names that begin with the prefix, in order. */
  List<String> list(String prefix) throws IOException;

  /**
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  InputStream open(String name) throws IOException;

  /** Begins something new. Nobody sees it before it is kept. */
  Draft draft(String name) throws IOException;

  /** The name as people find it there. */
  String where(String name);

  @Override
  default void close() {}

  /** Something that is being written; gone when it is closed without being kept. */
  interface Draft extends Closeable {
    OutputStream out();

    /**
     * Ends writing. Durable when it returns.
     *
     * @throws java.nio.file.FileAlreadyExistsException when something is there under the name; it
     *     is left as it was
     */
    void keep() throws IOException;
  }
}
