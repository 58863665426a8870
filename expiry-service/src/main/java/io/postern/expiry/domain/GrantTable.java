package io.postern.expiry.domain;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Deadlines by grant: open addressing, 4 to 16 bytes a grant beside the deadlines themselves. */
final class GrantTable {
  private static final int SMALLEST = 1024;

  private @Nullable Deadline[] slots = new @Nullable Deadline[SMALLEST];
  private int size;

  private static int hash(long high, long low) {
    // Derived ids are evenly spread, but whoever chooses request ids need not be.
    long h = (high ^ Long.rotateLeft(low, 32)) * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }

  @Nullable Deadline get(long high, long low) {
    int mask = slots.length - 1;
    for (int i = hash(high, low) & mask; ; i = (i + 1) & mask) {
      Deadline d = slots[i];
      if (d == null || d.high == high && d.low == low) {
        return d;
      }
    }
  }

  Deadline getOrAdd(long high, long low) {
    Deadline known = get(high, low);
    if (known != null) {
      return known;
    }
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    Deadline added = new Deadline(high, low);
    put(slots, added);
    size++;
    return added;
  }

  private void grow() {
    @Nullable Deadline[] larger = new @Nullable Deadline[slots.length * 2];
    for (Deadline d : slots) {
      if (d != null) {
        put(larger, d);
      }
    }
    slots = larger;
  }

  private static void put(@Nullable Deadline[] into, Deadline deadline) {
    int mask = into.length - 1;
    int i = hash(deadline.high, deadline.low) & mask;
    while (into[i] != null) {
      i = (i + 1) & mask;
    }
    into[i] = deadline;
  }

  void remove(Deadline deadline) {
    int mask = slots.length - 1;
    int i = hash(deadline.high, deadline.low) & mask;
    while (slots[i] != deadline) {
      if (slots[i] == null) {
        return;
      }
      i = (i + 1) & mask;
    }
    size--;
    // Close the gap: whatever follows without a hole and may stand earlier moves up.
    int hole = i;
    slots[hole] = null;
    for (int j = (hole + 1) & mask; ; j = (j + 1) & mask) {
      Deadline next = slots[j];
      if (next == null) {
        return;
      }
      int home = hash(next.high, next.low) & mask;
      if (((j - home) & mask) >= ((j - hole) & mask)) {
        slots[hole] = next;
        slots[j] = null;
        hole = j;
      }
    }
  }

  int size() {
    return size;
  }

  /** Every deadline; the table must not be changed meanwhile. */
  void forEach(Consumer<Deadline> action) {
    for (Deadline d : slots) {
      if (d != null) {
        action.accept(d);
      }
    }
  }
}
