package io.postern.audit.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryExportIT extends ExportContract {
  @TempDir Path directory;

  @Override
  protected Store store(String name) {
    return new DirectoryStore(directory.resolve(name));
  }

  @Override
  protected void overwrite(String store, String name, byte[] content) throws IOException {
    Files.write(directory.resolve(store).resolve(name), content);
  }

  @Override
  protected void delete(String store, String name) throws IOException {
    Files.delete(directory.resolve(store).resolve(name));
  }

  @Test
  void takesAwayWhatAKilledExportLeftHalfWritten() throws IOException {
    Path partition = directory.resolve("a/topic/0");
    Files.createDirectories(partition);
    Files.writeString(partition.resolve(".draft-1"), "half");
    Store store = store("a");
    assertThat(store.list("")).isEmpty();
    try (Store.Draft draft = store.draft("topic/0/x")) {
      draft.keep();
    }
    try (Stream<Path> left = Files.list(partition)) {
      assertThat(left).containsExactly(partition.resolve("x"));
    }
  }
}
