package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OwnRecordsTest {
  @Test
  void oursAreKnownByTheirPlaceAndOnlyThose() {
    OwnRecords own = new OwnRecords();
    own.add(0, 5);
    own.add(0, 6);
    own.add(1, 6);
    own.add(0, 9);
    assertThat(own.isOurs(0, 4)).isFalse();
    assertThat(own.isOurs(0, 5)).isTrue();
    assertThat(own.isOurs(0, 6)).isTrue();
    assertThat(own.isOurs(0, 7)).isFalse();
    assertThat(own.isOurs(1, 5)).isFalse();
    assertThat(own.isOurs(1, 6)).isTrue();
    assertThat(own.isOurs(0, 9)).isTrue();
    assertThat(own.isOurs(2, 9)).isFalse();
  }

  // Whoever is told of a record after it was read takes it for another's: no harm, but no leak.
  @Test
  void likeASetWhateverTheTurns() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      OwnRecords own = new OwnRecords();
      TreeSet<Long> told = new TreeSet<>();
      long written = 0;
      long read = 0;
      while (read < 500) {
        if (random.nextBoolean()) {
          written += 1 + random.nextInt(3) / 2;
          own.add(3, written);
          told.add(written);
        } else {
          read += random.nextInt(2);
          assertThat(own.isOurs(3, read)).as("seed %d", seed).isEqualTo(told.contains(read));
        }
      }
    }
  }

  @Test
  void oursNeedNotBeReadAndNothingElseIsPassedOver() {
    OwnRecords own = new OwnRecords();
    for (long ours : new long[] {5, 6, 7, 9}) {
      own.add(0, ours);
    }
    assertThat(own.readOnAt(0, 4)).isEqualTo(4);
    assertThat(own.readOnAt(0, 5)).isEqualTo(8);
    assertThat(own.readOnAt(0, 8)).isEqualTo(8);
    assertThat(own.readOnAt(0, 9)).isEqualTo(10);
    assertThat(own.readOnAt(1, 5)).isEqualTo(5);
    own.add(0, 10);
    assertThat(own.readOnAt(0, 10)).as("told since").isEqualTo(11);
    assertThat(own.isOurs(0, 11)).isFalse();
  }
}
