package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private static final long NOW = 1_000_000;
  private final CommitPace pace = new CommitPace();

  @Test
  void whatHasJustComeIsCommittedByItself() {
    assertThat(LongStream.range(0, 20).filter(i -> pace.isDue(NOW + i - 3, NOW + i)).count())
        .isEqualTo(20);
  }

  /** A backlog, a millisecond of work each, where ending a transaction takes so long. */
  private long commits(long records, long endMillis) {
    long commits = 0;
    long now = NOW;
    for (long i = 0; i < records; i++) {
      now++;
      if (pace.isDue(NOW - 60_000, now)) {
        commits++;
        now += endMillis;
      }
    }
    return commits;
  }

  @Test
  void whatHasWaitedSharesATransaction() {
    assertThat(commits(1_100, 0)).isEqualTo(100);
  }

  @Test
  void theLongerTheEndTakesTheMoreShareIt() {
    // 40 ms of work, 20 ms of waiting.
    assertThat(commits(4_100, 19)).isBetween(95L, 110L);
  }

  @Test
  void evenIfItTakesLongNobodyWaitsForCompanyLongerThanThat() {
    assertThat(commits(10_100, 5_000)).isBetween(99L, 101L);
  }

  @Test
  void theLastOfManyDoesNotWaitForAnother() {
    assertThat(pace.isDue(NOW - 5_000, NOW)).isFalse();
    assertThat(pace.isOverdue(NOW + CommitPace.SHORTEST_MILLIS - 1)).isFalse();
    assertThat(pace.isOverdue(NOW + CommitPace.SHORTEST_MILLIS)).isTrue();
    assertThat(pace.isOverdue(NOW + 1_000)).as("nothing is open").isFalse();
  }

  @Test
  void whoCameAfterAQuietTimeHasNotWaitedForItsEnd() {
    assertThat(pace.isDue(NOW, NOW)).isTrue();
    assertThat(pace.isDue(NOW + 5_000, NOW + 5_020)).isFalse();
    assertThat(pace.isDue(NOW + 5_000, NOW + 5_020 + CommitPace.SHORTEST_MILLIS)).isTrue();
  }
}
