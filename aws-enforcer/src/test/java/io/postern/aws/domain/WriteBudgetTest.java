package io.postern.aws.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WriteBudgetTest {
  private static final Step OPENING = new Step.Authorize("sg-1", List.of(), Map.of(), true);
  private static final Step LOCKING = new Step.Authorize("sg-1", List.of(), Map.of(), false);
  private final WriteBudget budget = new WriteBudget();

  private int takenAt(Step step, Duration time) {
    int taken = 0;
    while (budget.take(step, time.toNanos()).isEmpty()) {
      taken++;
    }
    return taken;
  }

  @Test
  void openingLeavesAReserveToEverythingElse() {
    assertThat(takenAt(OPENING, Duration.ZERO)).isEqualTo(33);
    assertThat(takenAt(LOCKING, Duration.ZERO)).isEqualTo(12);
  }

  @Test
  void staysBelowWhatTheCloudRefills() {
    takenAt(LOCKING, Duration.ZERO);

    assertThat(takenAt(LOCKING, Duration.ofSeconds(10))).isBetween(44, 45);
    assertThat(takenAt(LOCKING, Duration.ofSeconds(12))).isBetween(8, 10);
  }

  @Test
  void takingRulesAwayHasNearlyTheWholeBucket() {
    assertThat(takenAt(new Step.Revoke("sg-1", List.of("sgr-1")), Duration.ZERO)).isEqualTo(49);
  }

  @Test
  void whatTidiesUpIsGivenTurnsThatDoNotCollide() {
    Step delete = new Step.DeleteGroup("sg-1");
    Duration first = Duration.ZERO;
    while (first.isZero()) {
      first = budget.take(delete, 0).orElse(Duration.ZERO);
    }
    Duration second = budget.take(delete, 0).orElseThrow();

    assertThat(second).isGreaterThan(first.plusMillis(200));
    assertThat(budget.take(delete, first.toNanos())).isEmpty();
    assertThat(budget.take(delete, second.toNanos())).isEmpty();
  }

  @Test
  void saysHowLongToWait() {
    takenAt(LOCKING, Duration.ZERO);
    Duration wait = budget.take(LOCKING, 0).orElseThrow();

    assertThat(wait).isLessThan(Duration.ofMillis(250));
    assertThat(budget.take(LOCKING, wait.toNanos() + 1000)).isEmpty();
  }
}
