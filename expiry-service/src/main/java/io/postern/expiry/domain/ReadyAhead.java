package io.postern.expiry.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What falls due soon and is made ready before it does: as late as can be, since what is ready
 * takes room and may still change, but early enough that a storm is ready when it comes. The few
 * that fall due in a millisecond are left to be written in it: a second thread at work would keep
 * the first one waiting for longer than it spares. Not safe for use by several threads.
 */
public final class ReadyAhead<T> {
  private final long marginMicros;
  private final long costMicros;
  private final int few;
  private final TreeMap<Long, Deque<T>> byMilli = new TreeMap<>();
  private int size;

  /**
   * @param marginMicros how long before its instant something is ready at the latest
   * @param costMicros how long it takes to make one ready
   * @param few how many of one millisecond are not made ready
   */
  public ReadyAhead(long marginMicros, long costMicros, int few) {
    this.marginMicros = marginMicros;
    this.costMicros = costMicros;
    this.few = few;
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
    Map<Long, Deque<T>> late = byMilli.headMap(Math.floorDiv(nowMicros, 1_000), true);
    late.values().forEach(items -> size -= items.size());
    late.clear();
    List<T> taken = new ArrayList<>();
    if (presses(nowMicros)) {
      for (Deque<T> items : byMilli.values()) {
        if (items.size() > few) {
          takeFrom(items, most, taken);
        }
        if (taken.size() == most) {
          break;
        }
      }
    }
    size -= taken.size();
    return taken;
  }

  private static <T> void takeFrom(Deque<T> items, int most, List<T> taken) {
    while (taken.size() < most && !items.isEmpty()) {
      taken.add(items.remove());
    }
  }

  // Work on everything up to an instant must begin when the rest of the time is just enough for it.
  private boolean presses(long nowMicros) {
    long before = 0;
    for (Map.Entry<Long, Deque<T>> at : byMilli.entrySet()) {
      long left = at.getKey() * 1_000 - nowMicros - marginMicros;
      int count = at.getValue().size();
      if (count > few) {
        before += count;
        if (left <= before * costMicros) {
          return true;
        }
      }
      if (left > size * costMicros) {
        return false;
      }
    }
    return false;
  }

  public int size() {
    return size;
  }
}
