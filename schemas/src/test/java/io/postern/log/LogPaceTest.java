package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LogPaceTest {
  private static final long SECOND = 1_000_000_000L;

  /** Before zero, as the monotonic clock may be. */
  private static final long START = -3 * SECOND;

  @Test
  void whatIsBeyondASecondsShareIsCountedAndToldWithTheNextLine() {
    LogPace pace = new LogPace(2);
    assertThat(pace.next(START)).isEqualTo(OptionalLong.of(0));
    assertThat(pace.next(START + 1)).isEqualTo(OptionalLong.of(0));
    assertThat(pace.next(START + 2)).isEmpty();
    assertThat(pace.next(START + SECOND - 1)).isEmpty();
    assertThat(pace.next(START + SECOND)).isEqualTo(OptionalLong.of(2));
    assertThat(pace.next(START + SECOND)).isEqualTo(OptionalLong.of(0));
    assertThat(pace.next(START + SECOND)).isEmpty();
  }

  @Test
  void whoIsSlowIsNeverLeftOut() {
    LogPace pace = new LogPace(1);
    for (int i = 0; i < 100; i++) {
      assertThat(pace.next(START + i * SECOND)).isEqualTo(OptionalLong.of(0));
    }
  }
}
