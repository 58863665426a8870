package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TurnTest {
  private static final long STEP = 500_000;
  private static final long READY = 1_700_000_000_000_000L;

  @Test
  void replicaKWaitsKSteps() {
    for (int k = 0; k < 3; k++) {
      Turn turn = new Turn(k, STEP);
      turn.ready(READY);
      assertThat(turn.waitMicros(READY)).isEqualTo(k * STEP);
      assertThat(turn.waitMicros(READY + 1)).isEqualTo(k * STEP);
      assertThat(turn.isFirst()).isEqualTo(k == 0);
    }
  }

  @Test
  void whatFellDueBeforeItWasReadyIsLeftToThoseThatWere() {
    Turn first = new Turn(0, STEP);
    Turn second = new Turn(1, STEP);
    first.ready(READY);

    // The second has announced it, and the first has had a step's time to hear that.
    assertThat(first.waitMicros(READY - 1)).isEqualTo(second.waitMicros(READY - 1) + STEP);
  }

  @Test
  void aStepOfTheTimeEndsThat() {
    Turn turn = new Turn(0, STEP);
    turn.ready(READY);
    turn.timeStepped();

    assertThat(turn.waitMicros(READY - 1)).isZero();
  }
}
