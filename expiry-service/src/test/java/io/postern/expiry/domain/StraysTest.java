package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a reader takes for new, and how long it waits for a lease. */
class StraysTest {
  private final Strays<String, String> strays = new Strays<>(60);

  @Test
  void whatWasThereAtTheStartIsNotNewAndWhatCameLaterIs() {
    strays.starts(Map.of("a", 5L));
    assertThat(strays.isNew("a", 4)).isFalse();
    assertThat(strays.isNew("a", 5)).isTrue();
  }

  @Test
  void whoStartsOverHasMoreToReadUnlessHeHadReadAll() {
    strays.starts(Map.of("a", 5L));
    strays.starts(Map.of("a", 7L));
    assertThat(strays.isNew("a", 6)).isFalse();
    strays.caughtUp(0);
    strays.starts(Map.of("a", 9L));
    assertThat(strays.isNew("a", 8)).isTrue();
  }

  @Test
  void aStrayIsLateAfterItsTimeAndOnce() {
    strays.caughtUp(0);
    strays.add("first", 10);
    strays.add("second", 20);
    strays.add("first", 30);
    assertThat(strays.takeLate(70)).isEmpty();
    assertThat(strays.takeLate(71)).containsExactly("first");
    assertThat(strays.takeLate(81)).containsExactly("second");
    assertThat(strays.takeLate(1_000)).isEmpty();
  }

  @Test
  void noLeaseIsLateBeforeAllHasBeenReadThatWasThere() {
    strays.starts(Map.of("a", 5L));
    strays.add("stray", 10);
    assertThat(strays.takeLate(1_000)).isEmpty();
    strays.caughtUp(1_000);
    assertThat(strays.takeLate(1_060)).isEmpty();
    assertThat(strays.takeLate(1_061)).containsExactly("stray");
  }
}
