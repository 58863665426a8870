package io.postern.azure.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");

  private static int taken(Pace pace, Instant at, boolean closes) {
    int n = 0;
    while (pace.take(at, closes).isZero()) {
      n++;
    }
    return n;
  }

  @Test
  void opensLeaveAReserveForCloses() {
    Pace writes = Pace.writes();
    assertThat(taken(writes, NOW, false)).isEqualTo(135);
    assertThat(taken(writes, NOW, true)).isEqualTo(45);
    assertThat(writes.take(NOW, true)).isEqualTo(Duration.ofMillis(371));
  }

  @Test
  void staysBelowTheProvidersLimitInFiveMinutes() {
    Pace writes = Pace.writes();
    int sent = 0;
    for (int s = 0; s < 300; s++) {
      sent += taken(writes, NOW.plusSeconds(s), true);
    }
    assertThat(sent).isBetween(950, 1000);
  }

  @Test
  void neverHoldsMoreThanItsSize() {
    Pace reads = Pace.reads();
    assertThat(taken(reads, NOW, false)).isEqualTo(225);
    assertThat(taken(reads, NOW.plusSeconds(3600), false)).isEqualTo(225);
    assertThat(taken(reads, NOW.minusSeconds(5), false)).isZero();
  }
}
