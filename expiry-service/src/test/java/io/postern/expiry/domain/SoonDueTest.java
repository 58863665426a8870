package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SoonDueTest {
  private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final AtomicLong now = new AtomicLong(1_000_000);
  private final SoonDue<String> due = new SoonDue<>(now::get);

  private List<String> taken() throws InterruptedException {
    List<String> taken = new ArrayList<>();
    due.take(taken, 0);
    return taken;
  }

  @Test
  void nothingIsHandedOutAMicrosecondEarly() throws Exception {
    due.add(1_000_500, "a");
    now.set(1_000_499);
    assertThat(taken()).isEmpty();
    now.set(1_000_500);
    assertThat(taken()).containsExactly("a");
    assertThat(taken()).isEmpty();
  }

  @Test
  void allThatIsDueIsHandedOutTheEarliestFirst() throws Exception {
    due.add(1_003_000, "later");
    due.add(1_002_000, "c");
    due.add(1_001_000, "a");
    due.add(1_001_000, "b");
    now.set(1_002_999);
    assertThat(taken()).containsExactly("a", "b", "c");
    now.set(1_003_000);
    assertThat(taken()).containsExactly("later");
  }

  @Test
  void aClockThatWasSetBackHoldsItUntilItsInstant() throws Exception {
    due.add(1_001_000, "a");
    now.set(0);
    assertThat(taken()).isEmpty();
    now.set(1_001_000);
    assertThat(taken()).containsExactly("a");
  }

  @Test
  void whoWaitsForALaterOneIsWokenForAnEarlier() throws Exception {
    due.add(now.get() + TimeUnit.HOURS.toMicros(1), "later");
    FutureTask<List<String>> waiting = waiting(due);
    due.add(now.get(), "now");
    assertThat(waiting.get(1, TimeUnit.MINUTES)).containsExactly("now");
  }

  @Test
  void whoWaitsForNothingIsWokenForTheFirst() throws Exception {
    FutureTask<List<String>> waiting = waiting(due);
    due.add(now.get(), "now");
    assertThat(waiting.get(1, TimeUnit.MINUTES)).containsExactly("now");
  }

  @Test
  void whoWaitsIsWokenByTheInstantItself() throws Exception {
    SoonDue<Long> real = new SoonDue<>(SoonDueTest::micros);
    long at = micros() + 20_000;
    real.add(at, at);
    assertThat(waiting(real).get(1, TimeUnit.MINUTES)).containsExactly(at);
    assertThat(micros()).isGreaterThanOrEqualTo(at);
  }

  @Test
  void nobodyWaitsLongerThanAsked() throws Exception {
    due.add(now.get() + 1, "never, by this clock");
    List<String> taken = new ArrayList<>();
    due.take(taken, 5);
    assertThat(taken).isEmpty();
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** A thread that waits an hour for what falls due, once it does wait. */
  private static <T> FutureTask<List<T>> waiting(SoonDue<T> due) {
    FutureTask<List<T>> task =
        new FutureTask<>(
            () -> {
              List<T> taken = new ArrayList<>();
              due.take(taken, HOUR_MILLIS);
              return taken;
            });
    Thread thread = Thread.ofPlatform().daemon().start(task);
    while (thread.getState() != Thread.State.TIMED_WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
    return task;
  }
}
