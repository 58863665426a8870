package io.postern.azure.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.http.HttpMethod;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");

  private final Limits limits = new Limits();

  private int taken(HttpMethod method, Instant at, boolean closes) {
    int n = 0;
    while (limits.take(method, at, closes).isZero()) {
      n++;
    }
    return n;
  }

  @Test
  void opensLeaveAReserveForCloses() {
    assertThat(taken(HttpMethod.PUT, NOW, false)).isEqualTo(151);
    assertThat(taken(HttpMethod.PUT, NOW, true)).isEqualTo(45);
    assertThat(limits.take(HttpMethod.PUT, NOW, true).toMillis()).isEqualTo(101);
    assertThat(taken(HttpMethod.DELETE, NOW, true)).as("a bucket of their own").isEqualTo(196);
  }

  @Test
  void staysBelowTheProvidersLimitInAnyFiveMinutes() {
    int opens = 0;
    int closes = 0;
    for (int s = 0; s < 300; s++) {
      opens += taken(HttpMethod.PUT, NOW.plusSeconds(s), false);
    }
    assertThat(opens).isEqualTo(850);
    for (int s = 0; s < 300; s++) {
      closes += taken(HttpMethod.DELETE, NOW.plusSeconds(s), true);
    }
    assertThat(closes).as("what opens left").isEqualTo(150);
    assertThat(limits.take(HttpMethod.PUT, NOW.plusSeconds(300), true))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(limits.take(HttpMethod.PUT, NOW.plusSeconds(301), true)).isZero();
  }

  @Test
  void readsLeaveAReserveForCloses() {
    assertThat(taken(HttpMethod.GET, NOW, false)).isEqualTo(185);
    assertThat(taken(HttpMethod.GET, NOW, true)).isEqualTo(60);
  }

  @Test
  void neverHoldsMoreThanItsSize() {
    assertThat(taken(HttpMethod.GET, NOW, true)).isEqualTo(245);
    assertThat(taken(HttpMethod.GET, NOW.plusSeconds(3600), true)).isEqualTo(245);
    assertThat(taken(HttpMethod.GET, NOW.minusSeconds(5), true)).isZero();
  }
}
