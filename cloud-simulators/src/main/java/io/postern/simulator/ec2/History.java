package io.postern.simulator.ec2;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Earlier states of the regions, for reads that lag behind; kept only while reads may be stale. */
final class History {
  private record Past(Instant until, Region region) {}

  private final Map<String, Deque<Past>> past = new HashMap<>();
  private @Nullable Random random;
  private long seed;

  void clear() {
    past.clear();
    random = null;
  }

  /** Keeps the region as it is, before a change at {@code now}. */
  void remember(Region region, Settings settings, Instant now) {
    if (settings.staleness().isZero()) {
      past.clear();
      return;
    }
    Deque<Past> states = past.computeIfAbsent(region.name(), name -> new ArrayDeque<>());
    states.addLast(new Past(now, region.copy()));
    Instant oldest = now.minus(settings.staleness());
    while (!states.isEmpty() && states.getFirst().until().isBefore(oldest)) {
      states.removeFirst();
    }
  }

  /** The region as it was some time ago, at most the set staleness. */
  Region view(Region region, Settings settings, Instant now) {
    Deque<Past> states = past.get(region.name());
    if (settings.staleness().isZero() || states == null) {
      return region;
    }
    Instant seen = now.minus(age(settings));
    for (Iterator<Past> it = states.iterator(); it.hasNext(); ) {
      Past state = it.next();
      if (state.until().isAfter(seen)) {
        return state.region();
      }
    }
    return region;
  }

  private Duration age(Settings settings) {
    if (random == null || seed != settings.seed()) {
      seed = settings.seed();
      random = new Random(seed);
    }
    return Duration.ofNanos((long) (random.nextDouble() * settings.staleness().toNanos()));
  }
}
