package io.postern.expiry.domain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one reader of a share of the log decides by how far it has come, and the announcements whose
 * lease it has not read yet. Kafka gives no order between topics, so that such a lease may follow;
 * one that does not for a while is off the log, and is waited for no longer. Not safe for use by
 * several threads.
 *
 * @param <P> a partition
 * @param <G> a grant whose lease is waited for
 */
public final class Strays<P, G> {
  private final long patienceNanos;
  private final Map<P, Long> ends = new HashMap<>();
  private final Map<G, Long> since = new LinkedHashMap<>();
  private boolean caughtUp;

  /**
   * @param patienceNanos how long a lease is waited for, once everything has been read that was
   *     there at the start
   */
  public Strays(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** The reader starts, or starts over; nothing changes once it has caught up. */
  public void starts(Map<P, Long> endsNow) {
    if (!caughtUp) {
      ends.putAll(endsNow);
    }
  }

  /** Whether a record has come to the log since the start; what it is about may come after it. */
  public boolean isNew(P partition, long offset) {
    return caughtUp || offset >= ends.getOrDefault(partition, 0L);
  }

  /** Everything has been read that was there at the start; from here on leases are late. */
  public void caughtUp(long nowNanos) {
    if (!caughtUp) {
      caughtUp = true;
      since.replaceAll((grant, read) -> nowNanos);
    }
  }

  /** A new announcement was read, and its lease was not. */
  public void add(G grant, long nowNanos) {
    since.putIfAbsent(grant, nowNanos);
  }

  /** Takes those whose lease has been waited for long enough. */
  public List<G> takeLate(long nowNanos) {
    List<G> late = new ArrayList<>();
    Iterator<Map.Entry<G, Long>> oldest = since.entrySet().iterator();
    while (caughtUp && oldest.hasNext()) {
      Map.Entry<G, Long> stray = oldest.next();
      if (nowNanos - stray.getValue() <= patienceNanos) {
        break;
      }
      late.add(stray.getKey());
      oldest.remove();
    }
    return late;
  }
}
