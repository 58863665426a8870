package io.postern.expiry.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What falls due soon and is made ready before it does: as late as can be, since what is ready
 * takes room and may still change, but early enough that a storm is ready when it comes. Not safe
 * for use by several threads.
 */
public final class ReadyAhead<T> {
  private final long marginMicros;
  private final long costMicros;
  private final TreeMap<Long, Deque<T>> byMilli = new TreeMap<>();
  private int size;

  /**
   * @param marginMicros how long before its instant something is ready at the latest
   * @param costMicros how long it takes to make one ready
   */
  public ReadyAhead(long marginMicros, long costMicros) {
    this.marginMicros = marginMicros;
    this.costMicros = costMicros;
  }

  /** Something falls due at this time, in microseconds since 1970. */
  public void add(long dueMicros, T item) {
    byMilli.computeIfAbsent(Math.floorDiv(dueMicros, 1_000), m -> new ArrayDeque<>()).add(item);
    size++;
  }

  /**
   * Takes what is to be made ready now, the earliest first, at most so many; nothing while
   * everything would be ready in time if it were begun later. What is due already is forgotten: it
   * is too late for it.
   */
  public List<T> take(long nowMicros, int most) {
    List<T> taken = new ArrayList<>();
    Map<Long, Deque<T>> late = byMilli.headMap(Math.floorDiv(nowMicros, 1_000), true);
    late.values().forEach(items -> size -= items.size());
    late.clear();
    if (!presses(nowMicros)) {
      return taken;
    }
    while (taken.size() < most && !byMilli.isEmpty()) {
      Map.Entry<Long, Deque<T>> first = byMilli.firstEntry();
      while (taken.size() < most && !first.getValue().isEmpty()) {
        taken.add(first.getValue().remove());
      }
      if (first.getValue().isEmpty()) {
        byMilli.pollFirstEntry();
      }
    }
    size -= taken.size();
    return taken;
  }

  // Work on everything up to an instant must begin when the rest of the time is just enough for it.
  private boolean presses(long nowMicros) {
    long before = 0;
    for (Map.Entry<Long, Deque<T>> at : byMilli.entrySet()) {
      before += at.getValue().size();
      if (at.getKey() * 1_000 - nowMicros <= marginMicros + before * costMicros) {
        return true;
      }
    }
    return false;
  }

  public int size() {
    return size;
  }
}
