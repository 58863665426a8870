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

  @Test
  void whatHasWaitedSharesATransaction() {
    assertThat(LongStream.range(0, 100).filter(i -> pace.isDue(NOW - 5_000, NOW + i)).count())
        .isEqualTo(100 / CommitPace.INTERVAL_MILLIS);
  }

  @Test
  void theFirstAfterAPauseIsCommittedHoweverOldItIs() {
    assertThat(pace.isDue(NOW - 5_000, NOW)).isTrue();
    assertThat(pace.isDue(NOW - 5_000, NOW + 1)).isFalse();
    assertThat(pace.isDue(NOW - 5_000, NOW + CommitPace.INTERVAL_MILLIS)).isTrue();
  }
}
