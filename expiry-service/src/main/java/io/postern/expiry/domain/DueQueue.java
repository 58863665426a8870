package io.postern.expiry.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What is due, handed out in batches, half of each from either end: in a storm the oldest go on,
 * and what falls due meanwhile goes with the next batch instead of behind the whole storm. Not safe
 * for use by several threads.
 */
public final class DueQueue<T> {
  private final Deque<T> due = new ArrayDeque<>();

  public void add(T item) {
    due.addLast(item);
  }

  /** Takes at most so many. */
  public List<T> take(int most) {
    List<T> batch = new ArrayList<>(Math.min(most, due.size()));
    while (batch.size() < most && !due.isEmpty()) {
      batch.add((batch.size() & 1) == 0 ? due.removeFirst() : due.removeLast());
    }
    return batch;
  }

  public int size() {
    return due.size();
  }
}
