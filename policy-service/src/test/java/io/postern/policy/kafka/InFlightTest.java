package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightTest {
  @Test
  void passesNoOffsetThatIsNotDone() {
    InFlight offsets = new InFlight(5);
    offsets.taken(5);
    offsets.taken(6);
    // A transaction's mark has the offset 7.
    offsets.taken(8);
    assertThat(offsets.toCommit()).isEqualTo(-1);
    offsets.done(6);
    assertThat(offsets.position()).isEqualTo(5);
    offsets.done(5);
    assertThat(offsets.toCommit()).isEqualTo(8);
    assertThat(offsets.toCommit()).isEqualTo(-1);
    offsets.done(8);
    assertThat(offsets.toCommit()).isEqualTo(9);
  }
}
