package io.postern.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the state is kept; without a directory of one's own it lives as long as the process. */
public record Data(Path directory, boolean ephemeral) implements AutoCloseable {

  public static Data at(@Nullable Path directory) {
    try {
      return directory == null
          ? new Data(Files.createTempDirectory("postern"), true)
          : new Data(Files.createDirectories(directory.toAbsolutePath()), false);
    } catch (IOException e) {
      throw new StartException("cannot use " + directory + " for data: " + e.getMessage());
    }
  }

  Path resolve(String name) {
    return directory.resolve(name);
  }

  /** Keys of the services, and the registered producers. */
  Path keys() {
    return resolve("keys");
  }

  @Override
  public void close() {
    if (!ephemeral) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(Data::delete);
    } catch (IOException | UncheckedIOException e) {
      // A file that the broker still holds: the system's own cleaning of temporary files takes it.
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
