package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillTest {
  @TempDir Path directory;

  private static Spill.Stored record(Random random, int longest) {
    return new Spill.Stored(
        random.nextBoolean(),
        random.nextInt(100),
        random.nextLong(),
        bytes(random, 60),
        random.nextInt(5) == 0 ? null : bytes(random, longest),
        random.nextInt(5) == 0 ? null : bytes(random, 900));
  }

  private static byte[] bytes(Random random, int longest) {
    byte[] bytes = new byte[random.nextInt(longest + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void assertSame(Spill.@Nullable Stored found, Spill.@Nullable Stored kept) {
    if (found == null || kept == null) {
      throw new AssertionError("found " + found + ", kept " + kept);
    }
    assertThat(List.of(found.lease(), found.partition(), found.offset()))
        .isEqualTo(List.of(kept.lease(), kept.partition(), kept.offset()));
    assertThat(Arrays.equals(found.key(), kept.key())).isTrue();
    assertThat(Arrays.equals(found.value(), kept.value())).isTrue();
    assertThat(Arrays.equals(found.signature(), kept.signature())).isTrue();
  }

  @Test
  void whatIsKeptIsFoundAsItWasUntilItIsReleased() {
    Random random = new Random(7);
    Map<Long, Spill.Stored> kept = new HashMap<>();
    List<Long> numbers = new ArrayList<>();
    try (Spill spill = new Spill(directory)) {
      for (int i = 0; i < 20_000; i++) {
        // Some longer than a file takes at once, so that several files are needed.
        Spill.Stored r = record(random, i % 50 == 0 ? 600_000 : 1_000);
        long number = spill.add(r);
        assertThat(kept.put(number, r)).isNull();
        numbers.add(number);
        long any = numbers.get(random.nextInt(numbers.size()));
        assertSame(spill.get(any), kept.get(any));
        if (random.nextInt(3) > 0) {
          long over = numbers.remove(random.nextInt(numbers.size()));
          spill.release(over);
        }
      }
      assertThat(spill.files()).isGreaterThan(1);
      numbers.forEach(n -> assertSame(spill.get(n), kept.get(n)));
      numbers.forEach(spill::release);
      assertThat(spill.files()).as("only the one that is being filled").isEqualTo(1);
    }
  }

  @Test
  void whatIsNeededTwiceIsReleasedTwice() {
    Random random = new Random(8);
    try (Spill spill = new Spill(directory)) {
      Spill.Stored twice = record(random, 100);
      long number = spill.add(twice);
      spill.retain(number);
      spill.release(number);
      while (spill.files() < 2) {
        spill.release(spill.add(record(random, 1_000_000)));
      }
      assertSame(spill.get(number), twice);
      spill.release(number);
      assertThat(spill.get(number)).isNull();
    }
  }

  @Test
  void filesHaveNoNameAndNothingIsKeptOnceItIsClosed() throws Exception {
    Spill spill = new Spill(directory);
    long number = spill.add(record(new Random(9), 100));
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
    spill.close();
    assertThat(spill.get(number)).isNull();
    assertThat(spill.get(spill.add(record(new Random(9), 100)))).isNull();
    assertThat(spill.files()).isZero();
  }
}
