package io.postern.azure.domain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The inbound priorities of a group and who has them. Rules of ours find a place among the others;
 * the others are never moved.
 */
final class Placement {
  static final int FIRST = 100;
  static final int LAST = 4096;

  /** Allow rules stay below, lock-downs start here when nothing speaks against it. */
  static final int LOCK_DOWN = 1000;

  private final Map<Integer, String> taken = new HashMap<>();

  void take(NsgRule rule) {
    if (rule.inbound()) {
      taken.put(rule.priority(), rule.name());
    }
  }

  void free(int priority, String name) {
    taken.remove(priority, name);
  }

  /** A place before the given rules: from 1000 on if possible, else as late as possible. */
  OptionalInt before(List<NsgRule> rules) {
    int limit = first(rules).map(NsgRule::priority).orElse(LAST + 1);
    OptionalInt usual = lowest(LOCK_DOWN, limit - 1);
    return usual.isPresent() ? usual : highest(FIRST, Math.min(limit, LOCK_DOWN) - 1);
  }

  /**
   * A place after the given rules: from 1000 on if possible, because below it allow rules need room
   * before the lock-down.
   */
  OptionalInt after(List<NsgRule> rules) {
    int limit = last(rules).map(NsgRule::priority).orElse(0);
    OptionalInt usual = lowest(Math.max(LOCK_DOWN, limit + 1), LAST);
    return usual.isPresent() ? usual : highest(Math.max(FIRST, limit + 1), LOCK_DOWN - 1);
  }

  /** The lowest place for an allow rule that must come before a priority. */
  OptionalInt allowBefore(int limit) {
    return lowest(FIRST, Math.min(LOCK_DOWN, limit) - 1);
  }

  /** How many places there are for allow rules that must come before a priority. */
  int freeBefore(int limit) {
    int free = 0;
    for (int p = FIRST; p < Math.min(LOCK_DOWN, limit); p++) {
      free += taken.containsKey(p) ? 0 : 1;
    }
    return free;
  }

  static Optional<NsgRule> first(List<NsgRule> rules) {
    return rules.stream().min(java.util.Comparator.comparingInt(NsgRule::priority));
  }

  static Optional<NsgRule> last(List<NsgRule> rules) {
    return rules.stream().max(java.util.Comparator.comparingInt(NsgRule::priority));
  }

  private OptionalInt lowest(int from, int to) {
    for (int p = from; p <= to; p++) {
      if (!taken.containsKey(p)) {
        return OptionalInt.of(p);
      }
    }
    return OptionalInt.empty();
  }

  private OptionalInt highest(int from, int to) {
    for (int p = to; p >= from; p--) {
      if (!taken.containsKey(p)) {
        return OptionalInt.of(p);
      }
    }
    return OptionalInt.empty();
  }
}
