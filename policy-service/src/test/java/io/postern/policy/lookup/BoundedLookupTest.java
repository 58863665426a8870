package io.postern.policy.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.policy.domain.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoundedLookupTest {
  private static Finding finding(String about, Finding.Result result) {
    return new Finding(Finding.Kind.TICKET, about, result, "");
  }

  private static BoundedLookup.Limits limits(int atOnce, Duration patience) {
    return new BoundedLookup.Limits(
        atOnce, 1, Duration.ofMillis(1), patience, 100, Duration.ofMinutes(1));
  }

  /** A thousand questions of 200 ms each in well under 10 s: at least 20 at once; here 256. */
  @Test
  void asksManyAtOnceAndNoMoreThanItMay() throws Exception {
    int most = BoundedLookup.Limits.DEFAULT.atOnce();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger peak = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (BoundedLookup<String> lookup =
            new BoundedLookup<>(
                limits(most, Duration.ofSeconds(60)),
                q -> {
                  peak.accumulateAndGet(running.incrementAndGet(), Math::max);
                  go.await();
                  running.decrementAndGet();
                  return finding(q, Finding.Result.HOLDS);
                },
                (q, why) -> finding(q, Finding.Result.UNAVAILABLE));
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Finding>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        String question = "q" + i;
        all.add(callers.submit(() -> lookup.find(question)));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> running.get() == most);
      go.countDown();
      for (Future<Finding> each : all) {
        assertThat(each.get().result()).isEqualTo(Finding.Result.HOLDS);
      }
      assertThat(peak).hasValue(most);
    }
  }

  @Test
  void asksTheSameOnlyOnceAtATime() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (BoundedLookup<String> lookup =
            new BoundedLookup<>(
                limits(8, Duration.ofSeconds(60)),
                q -> {
                  asked.incrementAndGet();
                  go.await();
                  return finding(q, Finding.Result.FAILS);
                },
                (q, why) -> finding(q, Finding.Result.UNAVAILABLE));
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Finding>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(callers.submit(() -> lookup.find("same")));
      }
      await().until(() -> asked.get() > 0);
      go.countDown();
      for (Future<Finding> each : all) {
        assertThat(each.get().result()).isEqualTo(Finding.Result.FAILS);
      }
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void doesNotWaitLongerThanItsPatience() {
    CountDownLatch never = new CountDownLatch(1);
    try (BoundedLookup<String> lookup =
        new BoundedLookup<>(
            limits(1, Duration.ofMillis(50)),
            q -> {
              never.await();
              return finding(q, Finding.Result.HOLDS);
            },
            (q, why) -> finding(q, Finding.Result.UNAVAILABLE))) {
      assertThat(lookup.find("a").result()).isEqualTo(Finding.Result.UNAVAILABLE);
      assertThat(lookup.find("b").result()).isEqualTo(Finding.Result.UNAVAILABLE);
    }
  }

  @Test
  void whatBreaksIsUnavailable() {
    try (BoundedLookup<String> lookup =
        new BoundedLookup<>(
            limits(1, Duration.ofSeconds(5)),
            q -> {
              throw new IllegalStateException("broken");
            },
            (q, why) -> new Finding(Finding.Kind.TICKET, q, Finding.Result.UNAVAILABLE, why))) {
      assertThat(lookup.find("a").detail()).contains("broken");
    }
  }
}
