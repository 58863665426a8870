package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadyAheadTest {
  private static final long MARGIN = 100_000;
  private static final long COST = 25;

  @Test
  void aSingleOneIsBegunItsMarginBefore() {
    ReadyAhead<String> ahead = new ReadyAhead<>(MARGIN, COST);
    ahead.add(5_000_000, "a");
    assertThat(ahead.take(5_000_000 - MARGIN - COST - 1, 10)).isEmpty();
    assertThat(ahead.take(5_000_000 - MARGIN - COST, 10)).containsExactly("a");
    assertThat(ahead.take(5_000_000, 10)).isEmpty();
  }

  @Test
  void whatIsDueAlreadyIsForgotten() {
    ReadyAhead<String> ahead = new ReadyAhead<>(MARGIN, COST);
    ahead.add(4_999_000, "late");
    ahead.add(5_000_000, "due");
    ahead.add(5_001_000, "soon");
    assertThat(ahead.take(5_000_000, 10)).containsExactly("soon");
    assertThat(ahead.size()).isZero();
  }

  @Test
  void aStormIsBegunSoMuchEarlierAsItTakes() {
    ReadyAhead<Integer> ahead = new ReadyAhead<>(MARGIN, COST);
    for (int i = 0; i < 100_000; i++) {
      ahead.add(10_000_000, i);
    }
    long begin = 10_000_000 - MARGIN - 100_000 * COST;
    assertThat(ahead.take(begin - 1, 512)).isEmpty();
    assertThat(ahead.take(begin, 512)).hasSize(512);
    // One after the other, each batch when the one before it is done.
    for (long now = begin + 512 * COST; ahead.size() > 0; now += 512 * COST) {
      assertThat(ahead.take(now, 512)).isNotEmpty();
      assertThat(now).isLessThan(10_000_000 - MARGIN + 512 * COST);
    }
  }

  @Test
  void whateverComesTheEarliestIsTakenFirstAndEverythingInTime() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      ReadyAhead<Long> ahead = new ReadyAhead<>(MARGIN, COST);
      int count = 1 + random.nextInt(2_000);
      for (int i = 0; i < count; i++) {
        long due = 4_000_000 + random.nextInt(1 + random.nextInt(2_000_000));
        ahead.add(due, due);
      }
      List<Long> taken = new ArrayList<>();
      long now = 0;
      while (ahead.size() > 0) {
        List<Long> batch = ahead.take(now, 64);
        taken.addAll(batch);
        now += batch.isEmpty() ? 20_000 : batch.size() * COST;
        // Looked at every 20 ms and done 64 at a time, so that it may be ready that much later.
        for (long due : batch) {
          assertThat(now)
              .as("seed %d", seed)
              .isLessThanOrEqualTo(due - MARGIN + 20_000 + 64 * COST);
        }
      }
      assertThat(taken.stream().map(d -> d / 1_000).toList()).as("seed %d", seed).isSorted();
      assertThat(taken).hasSize(count);
    }
  }
}
