package io.postern.aws.cloud;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What we wrote to groups lately. EC2's reads may be older than our writes; a rule of ours that
 * such a read does not show yet would look as if somebody had taken it away.
 */
final class OwnWrites {
  /** EC2 gives no bound of its own; reads that are later than this were not seen. */
  static final Duration LATELY = Duration.ofSeconds(10);

  /** Between two reads, of which the first was older than a write of ours. */
  static final Duration PAUSE = Duration.ofMillis(150);

  private record Write(String group, boolean added, long at) {}

  private final Map<String, Write> byRule = new ConcurrentHashMap<>();
  private final Duration pause;

  OwnWrites() {
    this(PAUSE);
  }

  /**
   * @param pause between two reads, where one is to be newer than the other
   */
  OwnWrites(Duration pause) {
    this.pause = pause;
  }

  Duration pause() {
    return pause;
  }

  void added(String group, Collection<String> rules) {
    rules.forEach(r -> byRule.put(r, new Write(group, true, System.nanoTime())));
  }

  void removed(String group, Collection<String> rules) {
    rules.forEach(r -> byRule.put(r, new Write(group, false, System.nanoTime())));
  }

  /** Whether a read of these groups shows everything that we wrote to them. */
  boolean isShownBy(Collection<String> groups, Collection<String> rules) {
    byRule.values().removeIf(w -> System.nanoTime() - w.at() > LATELY.toNanos());
    Set<String> there = new HashSet<>(rules);
    return byRule.entrySet().stream()
        .filter(e -> groups.contains(e.getValue().group()))
        .allMatch(e -> there.contains(e.getKey()) == e.getValue().added());
  }

  /** Reads keep saying otherwise: somebody else was there. */
  void forget(Collection<String> groups) {
    byRule.values().removeIf(w -> groups.contains(w.group()));
  }
}
