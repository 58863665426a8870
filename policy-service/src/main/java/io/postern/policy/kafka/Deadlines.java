package io.postern.policy.kafka;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.policy.domain.Pending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** When the requests of a task that wait time out; a hint in memory, the ledger has the truth. */
final class Deadlines {

  /** A request that waits, by its grant's id. */
  record Deadline(Instant at, MachineId machine, GrantId id) {
    private static final Comparator<Deadline> ORDER =
        Comparator.comparing(Deadline::at)
            .thenComparing(Deadline::machine)
            .thenComparing(Deadline::id);
  }

  private final TreeSet<Deadline> ahead = new TreeSet<>(Deadline.ORDER);

  void add(Pending pending) {
    ahead.add(
        new Deadline(
            pending.timesOutAt(), pending.request().machine(), pending.request().grantId()));
  }

  /** Takes out what is due. */
  List<Deadline> takeDue(Instant now) {
    List<Deadline> due = new ArrayList<>();
    while (!ahead.isEmpty() && !ahead.first().at().isAfter(now)) {
      due.add(ahead.pollFirst());
    }
    return due;
  }
}
