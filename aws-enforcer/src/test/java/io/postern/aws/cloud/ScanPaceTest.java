package io.postern.aws.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ScanPaceTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofDays(1).toNanos());
  private final AtomicLong slept = new AtomicLong();

  private ScanPace pace(boolean paced) {
    return new ScanPace(
        paced,
        now::get,
        nanos -> {
          slept.addAndGet(nanos);
          now.addAndGet(nanos);
        });
  }

  private Duration afterTurns(ScanPace pace, int turns) {
    slept.set(0);
    for (int i = 0; i < turns; i++) {
      pace.turn();
    }
    return Duration.ofNanos(slept.get());
  }

  @Test
  void fiftyPagesAtOnceAndThenTenASecond() {
    ScanPace pace = pace(true);
    assertThat(afterTurns(pace, 50)).isZero();
    assertThat(afterTurns(pace, 30)).isEqualTo(Duration.ofSeconds(3));
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(afterTurns(pace, 30)).isEqualTo(Duration.ofSeconds(1));
    now.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(afterTurns(pace, 51)).isZero();
    assertThat(afterTurns(pace, 10)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void withoutLimitsNobodyWaits() {
    assertThat(afterTurns(pace(false), 10_000)).isZero();
  }
}
