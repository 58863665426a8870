package io.postern.simulator.ec2;

import io.postern.simulator.kernel.StateFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Keeps the world in a file, or nowhere. */
final class Storage {
  static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Optional<StateFile> file;
  private long kept;

  Storage(Optional<Path> path) {
    this.file = path.map(StateFile::new);
  }

  Optional<World> load() {
    return file.flatMap(StateFile::load).map(bytes -> JSON.readValue(bytes, World.class));
  }

  /** The world as it was after a number of changes. */
  record Snapshot(long version, World world) {}

  /**
   * Returns when the given version, or a later one, is in the file. Callers that come while one
   * writes are served by one write together.
   */
  void keep(long version, Supplier<Snapshot> current) {
    if (file.isEmpty()) {
      return;
    }
    synchronized (this) {
      if (kept < version) {
        Snapshot snapshot = current.get();
        file.get().save(JSON.writeValueAsBytes(snapshot.world()));
        kept = snapshot.version();
      }
    }
  }
}
