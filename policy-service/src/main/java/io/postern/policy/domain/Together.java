package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Requests that are granted for all their machines or for none, also where the machines are decided
 * in different partitions. Each machine votes; the partition of the first machine counts and
 * settles, once; each machine then follows.
 */
final class Together {
  /** For how long the machines of a request are waited for, approvals included. */
  static final Duration LONGEST = Duration.ofDays(1);

  private final Ledger ledger;

  Together(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Tells the other machines of every denial among the outcomes. */
  static List<Outcome> telling(List<Outcome> outcomes, Instant now) {
    List<Outcome> all = new ArrayList<>();
    for (Outcome each : outcomes) {
      all.add(each);
      if (each instanceof Outcome.Denied d && !d.request().together().isEmpty()) {
        all.add(new Outcome.Votes(Ballot.no(d.request(), reason(d.decision()), now)));
      }
    }
    return all;
  }

  private static String reason(Decision.Denied decision) {
    return decision.checks().stream()
        .filter(c -> c.result() == Check.Result.FAILED)
        .findFirst()
        .map(c -> c.name() + ": " + c.detail())
        .orElse("denied");
  }

  /** The machine's yes: what was decided is promised until the request is settled. */
  static List<Outcome> hold(
      AccessRequest request,
      Decision.Granted granted,
      List<Approval> approvals,
      Instant heldAt,
      Instant now) {
    return List.of(
        new Outcome.Holds(
            new Held(request, granted.policy(), granted.policyVersion(), heldAt, approvals)),
        new Outcome.Votes(Ballot.yes(request, now)));
  }

  /** A machine that had said yes says no, unless it has said so already. */
  List<Outcome> recant(
      Held held, String reason, Optional<Wish.Revocation> withdrawal, Instant now) {
    AccessRequest r = held.request();
    List<Outcome> all = new ArrayList<>();
    withdrawal.ifPresent(w -> all.add(new Outcome.Withdrawn(held, w.by().subject())));
    if (ledger.ballot(r.machine(), r.grantId()).filter(b -> !b.yes()).isEmpty()) {
      all.add(new Outcome.Votes(Ballot.no(r, reason, now)));
    }
    return all;
  }

  /** A ballot reaches the partition that counts. */
  List<Outcome> count(Ballot ballot, Instant now) {
    Optional<Settlement> settled = ledger.settlement(ballot.request());
    if (settled.isPresent()) {
      return List.of(new Outcome.Settles(settled.get(), List.of(ballot.machine())));
    }
    List<Outcome> all = new ArrayList<>();
    all.add(new Outcome.Tallied(ballot));
    if (!ballot.yes()) {
      all.add(settles(ballot, false, ballot.machine() + ": " + ballot.reason(), now));
      return all;
    }
    Map<MachineId, Ballot> tally = ledger.ballots(ballot.request());
    boolean unanimous =
        ballot.together().stream()
            .allMatch(
                m -> m.equals(ballot.machine()) || (tally.containsKey(m) && tally.get(m).yes()));
    if (unanimous) {
      all.add(settles(ballot, true, "", now));
    }
    return all;
  }

  /** The time of a request that is being counted may be up. */
  List<Outcome> timeUp(Ballot counted, Instant now) {
    boolean late = !now.isBefore(counted.at().plus(LONGEST));
    return late && ledger.settlement(counted.request()).isEmpty()
        ? List.of(settles(counted, false, "not all machines could be decided in " + LONGEST, now))
        : List.of();
  }

  private static Outcome settles(Ballot ballot, boolean granted, String reason, Instant now) {
    RequestId request = ballot.request();
    return new Outcome.Settles(
        new Settlement(request, granted, now, reason), List.copyOf(ballot.together()));
  }

  /** The final no of a machine after the request was settled. */
  static Outcome.Denied denied(Held held, Settlement settlement, Optional<String> withdrawnBy) {
    return new Outcome.Denied(
        held.request(),
        new Decision.Denied(
            Optional.of(held.policy()),
            held.policyVersion(),
            List.of(
                withdrawnBy
                    .map(by -> Check.failed("together", ErrorCode.WITHDRAWN, "withdrawn by " + by))
                    .orElseGet(() -> because(settlement)))));
  }

  static Outcome.Denied denied(Pending pending, Settlement settlement) {
    return new Outcome.Denied(
        pending.request(),
        new Decision.Denied(
            Optional.of(pending.policy()), pending.policyVersion(), List.of(because(settlement))));
  }

  private static Check because(Settlement settlement) {
    return Check.failed(
        "together",
        ErrorCode.NOT_TOGETHER,
        "all machines or none were asked for: " + settlement.reason());
  }
}
