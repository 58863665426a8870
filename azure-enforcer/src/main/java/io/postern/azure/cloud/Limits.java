package io.postern.azure.cloud;

import com.azure.core.http.HttpMethod;
import java.time.Duration;
import java.time.Instant;

/** Azure's documented request limits for one subscription, kept beforehand. */
final class Limits {
  private static final Duration RECENTLY = Duration.ofSeconds(5);
  private static final int FEW_WRITES = 5;

  private final Pace reads = Pace.reads();
  private final Pace writes = Pace.writes();
  private final Pace deletes = Pace.writes();
  private final Window networkWrites = Window.networkWrites();

  /** Whether so much is written that writes should be saved. */
  synchronized boolean isBusy(Instant now) {
    return networkWrites.since(now.minus(RECENTLY)) > FEW_WRITES;
  }

  /** Which share is left of what is scarcest, 0 to 1. */
  synchronized double left(Instant now) {
    double buckets = Math.min(reads.left(now), Math.min(writes.left(now), deletes.left(now)));
    return Math.min(buckets, networkWrites.left(now));
  }

  /** Counts a call and answers zero, or counts none and answers how long to wait. */
  synchronized Duration take(HttpMethod method, Instant now, boolean closes) {
    boolean read = method == HttpMethod.GET || method == HttpMethod.HEAD;
    Pace pace = read ? reads : method == HttpMethod.DELETE ? deletes : writes;
    Duration wait = pace.wait(now, closes);
    Duration windows = read ? Duration.ZERO : networkWrites.wait(now, closes);
    if (windows.compareTo(wait) > 0) {
      wait = windows;
    }
    if (wait.isZero()) {
      pace.take();
      if (!read) {
        networkWrites.note(now);
      }
    }
    return wait;
  }
}
