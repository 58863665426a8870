package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class FreshnessTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private final Freshness freshness = new Freshness();

  @Test
  void whatWasSignedLongBeforeWhatStandsDoesNotTakeItsPlace() throws Exception {
    freshness.replace("web", NOW, false);
    assertTooOld("web", NOW.minusSeconds(3_600), false);
    assertTooOld("web", NOW.minusSeconds(3_600), true);
    freshness.replace("web", NOW.minus(Freshness.TOLERANCE), false);
    freshness.replace("web", NOW.plusSeconds(1), false);
    assertThatCode(() -> freshness.replace("db", NOW.minusSeconds(3_600), false))
        .doesNotThrowAnyException();
  }

  @Test
  void whereNothingStandsEverythingIsNew() throws Exception {
    freshness.replace("web", NOW, false);
    freshness.replace("web", NOW, true);
    assertThatCode(() -> freshness.replace("web", NOW.minusSeconds(3_600), false))
        .doesNotThrowAnyException();
  }

  private void assertTooOld(String key, Instant signedAt, boolean tombstone) {
    assertThatThrownBy(() -> freshness.replace(key, signedAt, tombstone))
        .isInstanceOfSatisfying(
            PoisonException.class,
            e -> assertThat(e.reason()).isEqualTo(PoisonException.Cause.TOO_OLD));
  }
}
