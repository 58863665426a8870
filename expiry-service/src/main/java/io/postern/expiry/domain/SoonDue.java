package io.postern.expiry.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What falls due soon, handed out at its instant by whoever waits for it: nobody ticks and nobody
 * hands over, so that nothing is late by more than the waking of one thread. Never early by the
 * clock it is given. Safe for use by many threads.
 */
public final class SoonDue<T> {
  private final LongSupplier micros;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition earlier = lock.newCondition();
  // One list for each instant: a storm of a hundred thousand is handed out as fast as a single one.
  private final TreeMap<Long, List<T>> byInstant = new TreeMap<>();

  /**
   * @param micros the time, in microseconds since 1970; it may be stepped
   */
  public SoonDue(LongSupplier micros) {
    this.micros = micros;
  }

  /** Falls due at this time, in microseconds since 1970. */
  public void add(long dueMicros, T item) {
    lock.lock();
    try {
      byInstant.computeIfAbsent(dueMicros, d -> new ArrayList<>()).add(item);
      if (byInstant.firstKey() == dueMicros) {
        earlier.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes all that is due, the earliest first; waits so long at most until anything is. One thread
   * at a time may wait.
   */
  public void take(Collection<? super T> due, long waitMillis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    lock.lockInterruptibly();
    try {
      while (!drain(due) && left > 0) {
        long wait = Math.min(left, nanosToFirst());
        left -= wait - earlier.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean drain(Collection<? super T> due) {
    long now = micros.getAsLong();
    boolean any = false;
    while (!byInstant.isEmpty() && byInstant.firstKey() <= now) {
      due.addAll(byInstant.pollFirstEntry().getValue());
      any = true;
    }
    return any;
  }

  private long nanosToFirst() {
    return byInstant.isEmpty()
        ? Long.MAX_VALUE
        : TimeUnit.MICROSECONDS.toNanos(byInstant.firstKey() - micros.getAsLong());
  }
}
