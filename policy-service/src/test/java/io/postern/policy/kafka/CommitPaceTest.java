package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private static final long NOW = 1_000_000;
  private final CommitPace pace = new CommitPace();

  /**
   * Records that come at a rate, a tenth of a millisecond of work each, where ending a transaction
   * takes so long.
   *
   * @return how many transactions there were, and the longest that a record waited for its end
   */
  private long[] run(long records, double everyMillis, long endMillis) {
    long commits = 0;
    double longest = 0;
    double oldest = -1;
    double now = NOW;
    for (long i = 0; i < records; i++) {
      double at = NOW + i * everyMillis;
      now = Math.max(now, at) + 0.1;
      oldest = oldest < 0 ? at : oldest;
      if (pace.isDue((long) at, (long) now)) {
        commits++;
        now += endMillis;
        pace.ended((long) now);
        longest = Math.max(longest, now - oldest);
        oldest = -1;
      }
    }
    return new long[] {commits, (long) longest};
  }

  @Test
  void whatComesSeldomIsCommittedByItself() {
    assertThat(run(100, 20, 5)).containsExactly(100, 5);
  }

  @Test
  void aSecondOneThatHasJustComeDoesNotWaitForCompany() {
    assertThat(pace.isDue(NOW, NOW)).isTrue();
    pace.ended(NOW + 6);
    assertThat(pace.isDue(NOW + 3, NOW + 11)).isTrue();
  }

  @Test
  void whatComesRightAfterAnEndIsCommittedAtOnce() {
    pace.ended(NOW);
    for (int i = 0; i < 5; i++) {
      assertThat(pace.isDue(NOW - 5_000, NOW + 1)).isFalse();
    }
    assertThat(pace.isDue(NOW + 1, NOW + 2)).as("and all that waited before it").isTrue();
  }

  @Test
  void whatCameDuringAnEndSharesTheNextAndWaitsForNobodyElse() {
    long[] result = run(10_000, 1, 8);
    assertThat(result[0]).isBetween(1_000L, 1_150L);
    assertThat(result[1]).isLessThan(30);
  }

  @Test
  void aBacklogSharesForTwiceTheTimeOfAnEnd() {
    // A second of work and no end to the records: 40 ms of work, 20 ms of waiting.
    assertThat(run(10_000, 0, 20)[0]).isBetween(23L, 27L);
  }

  @Test
  void evenIfAnEndTakesLongNobodyWaitsForCompanyLongerThanThat() {
    assertThat(run(10_000, 0, 5_000)[0]).isBetween(10L, 12L);
  }

  @Test
  void whatIsDoneBeforeTheEndThatWasAskedForIsPartOfIt() {
    assertThat(pace.isDue(NOW, NOW)).isTrue();
    assertThat(pace.isDue(NOW, NOW)).isFalse();
    assertThat(pace.isDue(NOW - 5_000, NOW + 1)).isFalse();
    pace.ended(NOW + 8);
    assertThat(pace.isOpen()).isFalse();
    assertThat(pace.isDue(NOW - 5_000, NOW + 9)).as("a transaction of its own").isFalse();
    assertThat(pace.isOpen()).isTrue();
  }

  @Test
  void anEndThatFailedIsAskedForAgain() {
    assertThat(pace.isDue(NOW, NOW)).isTrue();
    assertThat(pace.isDue(NOW + 50, NOW + 50)).isFalse();
    assertThat(pace.isDue(NOW + 100, NOW + 100)).isTrue();
  }

  @Test
  void theLastOfManyDoesNotWaitForAnother() {
    pace.ended(NOW);
    assertThat(pace.isDue(NOW - 5_000, NOW + 1)).isFalse();
    assertThat(pace.isOverdue(NOW + CommitPace.SHORTEST_MILLIS)).isFalse();
    assertThat(pace.isOverdue(NOW + 1 + CommitPace.SHORTEST_MILLIS)).isTrue();
    assertThat(pace.isOverdue(NOW + 2 + CommitPace.SHORTEST_MILLIS)).as("it was asked").isFalse();
    pace.ended(NOW + 20);
    assertThat(pace.isOverdue(NOW + 1_000)).as("nothing is open").isFalse();
  }

  @Test
  void anEndThatOthersAskedForCountsAsWell() {
    pace.ended(NOW);
    assertThat(pace.isDue(NOW - 5_000, NOW + 1)).isFalse();
    pace.ended(NOW + 5);
    assertThat(pace.isDue(NOW - 5_000, NOW + 12)).isFalse();
    assertThat(pace.isDue(NOW - 5_000, NOW + 21)).isFalse();
    assertThat(pace.isDue(NOW - 5_000, NOW + 22)).isTrue();
  }
}
