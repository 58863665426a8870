package io.postern.simulator.kernel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults that are armed, and which of them the next call meets. */
public final class Faults {
  private static final class Armed {
    final Fault fault;
    int seen;

    Armed(Fault fault) {
      this.fault = fault;
    }
  }

  private final List<Armed> armed = new ArrayList<>();

  public synchronized void arm(Fault fault) {
    armed.add(new Armed(fault));
  }

  public synchronized void clear() {
    armed.clear();
  }

  /** Counts the call against every armed fault and returns the first that strikes, or null. */
  public synchronized @Nullable Fault strike(String action) {
    Fault hit = null;
    for (Iterator<Armed> it = armed.iterator(); it.hasNext(); ) {
      Armed a = it.next();
      if (!a.fault.matches(action)) {
        continue;
      }
      a.seen++;
      if (a.seen >= a.fault.nth() && hit == null) {
        hit = a.fault;
      }
      if (a.seen >= a.fault.nth() + a.fault.times() - 1) {
        it.remove();
      }
    }
    return hit;
  }
}
