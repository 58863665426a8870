package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {

  @Test
  void whatWasKeptIsThereAndManyWritersShareAWrite(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("state.json");
    Storage storage = new Storage(Optional.of(file));
    AtomicLong version = new AtomicLong();
    AtomicLong writes = new AtomicLong();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> kept = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        kept.add(
            executor.submit(
                () -> {
                  long mine = version.incrementAndGet();
                  storage.keep(
                      mine,
                      () -> {
                        writes.incrementAndGet();
                        return snapshot(version.get());
                      });
                  return onDisk(file) >= mine;
                }));
      }
      for (Future<Boolean> each : kept) {
        assertThat(each.get(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(writes.get()).isPositive().isLessThanOrEqualTo(200);
    assertThat(onDisk(file)).isEqualTo(200);
  }

  @Test
  void aVersionThatIsThereIsNotWrittenAgain(@TempDir Path directory) {
    Storage storage = new Storage(Optional.of(directory.resolve("state.json")));
    storage.keep(5, () -> snapshot(7));

    storage.keep(
        6,
        () -> {
          throw new AssertionError("version 7 is on disk already");
        });
  }

  private static Storage.Snapshot snapshot(long version) {
    World world = new World(Settings.of(Ec2Simulator.Options.defaults()));
    world.lastId = version;
    return new Storage.Snapshot(version, world);
  }

  private static long onDisk(Path file) {
    return new Storage(Optional.of(file)).load().orElseThrow().lastId;
  }
}
