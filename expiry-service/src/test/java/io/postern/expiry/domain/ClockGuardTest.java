package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ClockGuardTest {
  private static final long START = 1_800_000_000_000_000L;
  private static final long STEP = 50_000;
  private static final long TOLERANCE = 1_000_000;
  private static final long HOUR = 3_600_000_000L;

  private long wall = START;
  private long nanos = 77;
  private long broker = START;
  private ClockGuard guard = new ClockGuard(STEP, TOLERANCE, wall, nanos);

  private void pass(long micros) {
    wall += micros;
    nanos += micros * 1_000;
    broker += micros;
  }

  private long now() {
    return guard.now(wall, nanos);
  }

  private long ask() {
    long sent = nanos;
    long said = broker / 1_000;
    pass(700);
    return guard.broker(said, sent, nanos, wall, nanos);
  }

  @Test
  void nothingIsKnownBeforeTheBrokerHasSpoken() {
    assertThat(guard.state()).isEqualTo(ClockGuard.State.UNKNOWN);
    ask();
    assertThat(guard.state()).isEqualTo(ClockGuard.State.STEADY);
    assertThat(now()).isEqualTo(wall);
  }

  @Test
  void aHostClockThatJumpsAheadEndsNothing() {
    ask();
    wall += HOUR;
    pass(10_000);
    assertThat(now()).isEqualTo(START + 10_700);
    assertThat(guard.state()).isEqualTo(ClockGuard.State.QUESTIONED);
    ask();
    assertThat(guard.state()).isEqualTo(ClockGuard.State.DISAGREEING);
    assertThat(now()).isEqualTo(START + 11_400);
  }

  @Test
  void aHostClockThatJumpsBackKeepsNothingOpen() {
    ask();
    wall -= HOUR;
    pass(10_000);
    ask();
    assertThat(now()).isEqualTo(START + 11_400);
    assertThat(guard.state()).isEqualTo(ClockGuard.State.DISAGREEING);
    wall += HOUR;
    ask();
    assertThat(guard.state()).isEqualTo(ClockGuard.State.STEADY);
  }

  @Test
  void aHostThatSleptCatchesUpWhenTheBrokerAgrees() {
    ask();
    wall += HOUR;
    broker += HOUR;
    assertThat(now()).isLessThan(START + HOUR);
    assertThat(ask()).isGreaterThan(HOUR - 10_000);
    assertThat(now()).isBetween(wall - 2_000, wall);
    assertThat(guard.steps()).isEqualTo(1);
    assertThat(guard.state()).isEqualTo(ClockGuard.State.STEADY);
  }

  @Test
  void aBrokerWhoseClockJumpsChangesNothing() {
    ask();
    for (long jump : new long[] {HOUR, -2 * HOUR}) {
      broker += jump;
      ask();
      assertThat(now()).isEqualTo(wall);
      assertThat(guard.state()).isEqualTo(ClockGuard.State.DISAGREEING);
    }
  }

  @Test
  void atTheStartTheSlowerOfTwoClocksCounts() {
    broker -= HOUR;
    ask();
    assertThat(now()).isBetween(broker, broker + 2_000);
    assertThat(guard.state()).isEqualTo(ClockGuard.State.DISAGREEING);
    guard = new ClockGuard(STEP, TOLERANCE, wall, nanos);
    broker += 3 * HOUR;
    ask();
    assertThat(now()).isEqualTo(wall);
  }

  @Test
  void smallDifferencesAreFollowedSlowlyAndNeverBackwards() {
    ask();
    wall -= 10_000;
    long before = now();
    for (int i = 0; i < 100; i++) {
      pass(100_000);
      long now = now();
      assertThat(now).isGreaterThanOrEqualTo(before);
      before = now;
    }
    assertThat(now()).isEqualTo(wall);
    assertThat(guard.state()).isEqualTo(ClockGuard.State.STEADY);
  }

  @Test
  void whicheverOneClockJumpsTimeStaysTrue() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int h = 0; h < 5_000; h++) {
      wall = START;
      broker = START;
      guard = new ClockGuard(STEP, TOLERANCE, wall, nanos);
      ask();
      boolean host = random.nextBoolean();
      long truth = START + 700;
      long last = now();
      for (int step = 0; step < 60; step++) {
        long jump = (long) (random.nextGaussian() * HOUR);
        if (random.nextInt(4) == 0) {
          if (host) {
            wall += jump;
          } else {
            broker += jump;
          }
        }
        long passed = random.nextInt(2_000_000);
        pass(passed);
        truth += passed;
        if (random.nextInt(3) == 0) {
          ask();
          truth += 700;
        }
        // A small step may be followed slowly: by one part in two hundred of the time that passes.
        assertThat(now()).as("seed %d", seed).isBetween(truth - STEP, truth + STEP);
        assertThat(now()).as("seed %d", seed).isGreaterThanOrEqualTo(last);
        last = now();
      }
    }
  }
}
