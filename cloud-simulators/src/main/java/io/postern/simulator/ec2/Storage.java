package io.postern.simulator.ec2;

import io.postern.simulator.kernel.StateFile;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Keeps the world in a file, or nowhere. */
final class Storage {
  static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Optional<StateFile> file;

  Storage(Optional<Path> path) {
    this.file = path.map(StateFile::new);
  }

  Optional<World> load() {
    return file.flatMap(StateFile::load).map(bytes -> JSON.readValue(bytes, World.class));
  }

  void save(World world) {
    file.ifPresent(f -> f.save(JSON.writeValueAsBytes(world)));
  }
}
