package io.postern.policy.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A ledger that keeps everything that was said. */
final class ToldLedger extends MemoryLedger {
  private final List<Outcome> said = new ArrayList<>();

  /** Applies what is said at a time before anybody counts requests. */
  void apply(List<Outcome> outcomes) {
    apply(outcomes, Instant.EPOCH);
  }

  @Override
  void apply(List<Outcome> outcomes, Instant now) {
    said.addAll(outcomes);
    super.apply(outcomes, now);
  }

  List<Held> allHeld() {
    return List.copyOf(held.values());
  }

  List<Ballot> counting() {
    return tallies.values().stream().flatMap(t -> t.values().stream()).toList();
  }

  List<Pending> waiting() {
    return List.copyOf(pending.values());
  }

  List<Pending> due(Instant now) {
    return pending.values().stream().filter(p -> !p.timesOutAt().isAfter(now)).toList();
  }

  List<Grant> all() {
    return grants.values().stream().flatMap(g -> g.values().stream()).toList();
  }

  /** Everything that was said so far, without what only the ledger needs. */
  List<Outcome> said() {
    return said.stream().filter(o -> !isForTheLedgerOnly(o)).toList();
  }

  private static boolean isForTheLedgerOnly(Outcome outcome) {
    return outcome instanceof Outcome.Answered
        || outcome instanceof Outcome.Holds
        || outcome instanceof Outcome.Withdrawn
        || outcome instanceof Outcome.Votes
        || outcome instanceof Outcome.Tallied
        || outcome instanceof Outcome.Settles;
  }
}
