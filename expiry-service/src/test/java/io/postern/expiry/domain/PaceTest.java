package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long EACH = 12;
  private static final long LEAST = 50;

  private final Pace pace = new Pace(EACH, LEAST);

  /** Works at the pace; each rest takes so much longer than it was to be. */
  private List<Long> rests(int pieces, long work, long overslept) {
    List<Long> rests = new ArrayList<>();
    long now = 1_000;
    pace.begin(now);
    for (int i = 0; i < pieces; i++) {
      now += work;
      long rest = pace.rest(now);
      if (rest > 0) {
        rests.add(rest);
        now += rest + overslept;
      }
    }
    return rests;
  }

  @Test
  void whoIsFastRestsOftenAndKeepsThePace() {
    List<Long> rests = rests(1_000, 5, 0);

    assertThat(rests).hasSizeBetween(100, 150).allMatch(r -> r >= LEAST && r < 2 * LEAST);
    assertThat(1_000 * 5 + rests.stream().mapToLong(r -> r).sum())
        .isBetween(1_000 * EACH - LEAST, 1_000 * EACH);
  }

  @Test
  void whoIsSlowDoesNotRest() {
    assertThat(rests(1_000, EACH, 0)).isEmpty();
    assertThat(rests(1_000, 200, 0)).isEmpty();
  }

  @Test
  void aRestThatTookLongerIsMadeUpFor() {
    List<Long> rests = rests(1_000, 5, 70);

    assertThat(1_000 * 5 + rests.stream().mapToLong(r -> r + 70).sum())
        .isLessThanOrEqualTo(1_000 * EACH + 70);
  }

  @Test
  void whatWasBeforeDoesNotCount() {
    pace.begin(0);
    assertThat(pace.rest(10_000)).isZero();

    pace.begin(10_000);

    assertThat(new long[] {pace.rest(10_000), pace.rest(10_000), pace.rest(10_000)})
        .containsOnly(0);
    assertThat(pace.rest(10_000)).isZero();
    assertThat(pace.rest(10_000)).isEqualTo(5 * EACH);
  }
}
