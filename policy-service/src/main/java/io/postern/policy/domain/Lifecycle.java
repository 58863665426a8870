package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of requests and grants. Each method says what follows from one thing that happened,
 * given what the ledger remembers; whoever calls it says and remembers all of it before the next.
 * Whatever happens twice, or too late, changes nothing.
 */
public final class Lifecycle {
  private final Ledger ledger;
  private final Setting setting;
  private final Together together;
  private final GrantWishes grants;

  public Lifecycle(Ledger ledger, Setting setting) {
    this.ledger = ledger;
    this.setting = setting;
    this.together = new Together(ledger);
    this.grants = new GrantWishes(ledger, setting);
  }

  /** A request arrives. */
  public List<Outcome> ask(AccessRequest request, Instant now) {
    if (ledger.standing(request.machine(), request.grantId()) != Ledger.Standing.UNKNOWN) {
      return List.of();
    }
    return Together.telling(
        switch (decide(request, List.of(), now, now)) {
          case Decision.Granted granted -> grant(request, granted, List.of(), now, now);
          case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
          case Decision.Waiting waiting ->
              List.of(
                  new Outcome.Waits(
                      Pending.of(request, waiting, now, now.plus(waiting.timeout()))));
        },
        now);
  }

  /** Somebody wishes something of a request or grant that is there. */
  public List<Outcome> wish(Wish wish, Instant now) {
    if (ledger.isAnswered(wish)) {
      return List.of();
    }
    List<Outcome> all =
        new ArrayList<>(
            switch (wish) {
              case Wish.Vote vote -> vote(vote, now);
              case Wish.Revocation revocation -> revoke(revocation, now);
              case Wish.Extension extension -> grants.extend(extension, now);
              case Wish.Review review -> grants.review(review);
            });
    all.add(new Outcome.Answered(wish));
    return Together.telling(all, now);
  }

  private List<Outcome> vote(Wish.Vote vote, Instant now) {
    Optional<Pending> waiting = ledger.pending(vote.machine(), vote.grant());
    if (waiting.isEmpty()) {
      return notWaiting(vote);
    }
    Pending pending = waiting.get();
    if (!pending.request().digest().equals(vote.digest())) {
      return GrantWishes.refused(vote, Refusal.OTHER_DIGEST, "the request has another content");
    }
    if (!now.isBefore(pending.timesOutAt())) {
      List<Outcome> all = new ArrayList<>(timedOut(pending, now));
      all.addAll(
          GrantWishes.refused(
              vote, Refusal.TIMED_OUT, "approvals were due until " + pending.timesOutAt()));
      return all;
    }
    return switch (decide(pending.request(), pending.approvals(), pending.heldAt(), now)) {
      case Decision.Waiting state -> counted(vote, pending, state, now);
      case Decision.Granted granted ->
          grant(pending.request(), granted, pending.approvals(), pending.heldAt(), now);
      case Decision.Denied denied -> {
        List<Outcome> all = new ArrayList<>();
        all.add(new Outcome.Denied(pending.request(), denied));
        all.addAll(GrantWishes.refused(vote, Refusal.ALREADY_DECIDED, "the checks hold no longer"));
        yield all;
      }
    };
  }

  private List<Outcome> counted(
      Wish.Vote vote, Pending pending, Decision.Waiting state, Instant now) {
    Optional<Refusal> objection =
        state.progress().objection(vote.by()).filter(o -> vote.approves() || !o.onlyToYes());
    if (objection.isPresent()) {
      return GrantWishes.refused(
          vote, objection.get(), objection.get().sentence(vote.by().subject()));
    }
    AccessRequest request = pending.request();
    if (!vote.approves()) {
      return List.of(
          new Outcome.Denied(
              request,
              denied(
                  pending,
                  ErrorCode.APPROVAL_REFUSED,
                  "refused by "
                      + vote.by().subject()
                      + vote.reason().map(r -> ": " + r).orElse(""))));
    }
    List<Approval> approvals = new ArrayList<>(state.progress().counted());
    approvals.add(new Approval(vote.by(), now, vote.reason()));
    return switch (decide(request, approvals, pending.heldAt(), now)) {
      case Decision.Granted granted -> grant(request, granted, approvals, pending.heldAt(), now);
      case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
      case Decision.Waiting waiting ->
          List.of(
              new Outcome.Waits(
                  Pending.of(request, waiting, pending.heldAt(), pending.timesOutAt())));
    };
  }

  private List<Outcome> notWaiting(Wish.Vote vote) {
    return switch (ledger.standing(vote.machine(), vote.grant())) {
      case UNKNOWN -> GrantWishes.refused(vote, Refusal.UNKNOWN, "no such request is known");
      case TIMED_OUT -> GrantWishes.refused(vote, Refusal.TIMED_OUT, "the request timed out");
      case TAKEN ->
          GrantWishes.refused(vote, Refusal.ALREADY_DECIDED, "the request has its decision");
    };
  }

  /** The time of a request that waits may be up. */
  public List<Outcome> timeUp(Pending pending, Instant now) {
    return Together.telling(timedOut(pending, now), now);
  }

  private static List<Outcome> timedOut(Pending pending, Instant now) {
    if (now.isBefore(pending.timesOutAt())) {
      return List.of();
    }
    return List.of(
        new Outcome.Denied(
            pending.request(),
            denied(pending, ErrorCode.TIMED_OUT, "not approved until " + pending.timesOutAt())));
  }

  /** Policies or machines have changed since the request was held against them. */
  public List<Outcome> reconsider(Pending pending, Instant now) {
    AccessRequest request = pending.request();
    return Together.telling(
        switch (decide(request, pending.approvals(), pending.heldAt(), now)) {
          case Decision.Granted granted ->
              grant(request, granted, pending.approvals(), pending.heldAt(), now);
          case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
          case Decision.Waiting waiting -> {
            Pending next = Pending.of(request, waiting, pending.heldAt(), pending.timesOutAt());
            yield next.equals(pending) ? List.of() : List.of(new Outcome.Waits(next));
          }
        },
        now);
  }

  /** Policies have changed since a machine said yes for its part. */
  public List<Outcome> reconsider(Held held, Instant now) {
    return switch (decide(held.request(), held.approvals(), held.heldAt(), now)) {
      case Decision.Granted granted -> List.of();
      case Decision.Waiting waiting ->
          together.recant(held, "approval is needed again", Optional.empty(), now);
      case Decision.Denied denied ->
          together.recant(held, "the checks hold no longer", Optional.empty(), now);
    };
  }

  /** A ballot reaches the partition that counts. */
  public List<Outcome> count(Ballot ballot, Instant now) {
    return together.count(ballot, now);
  }

  /** The time of a request that is being counted may be up. */
  public List<Outcome> timeUp(Ballot counted, Instant now) {
    return together.timeUp(counted, now);
  }

  /**
   * A machine hears what became of the request that it is part of. All were promised, so all are
   * granted; what the rules of the moment forbid ends in the same breath.
   */
  public List<Outcome> settled(MachineId machine, GrantId id, Settlement settlement) {
    Optional<Held> held = ledger.held(machine, id);
    if (held.isEmpty()) {
      return ledger
          .pending(machine, id)
          .filter(p -> !settlement.granted())
          .<List<Outcome>>map(p -> List.of(Together.denied(p, settlement)))
          .orElse(List.of());
    }
    Optional<String> withdrawnBy = ledger.withdrawnBy(machine, id);
    return settlement.granted()
        ? granted(held.get(), settlement, withdrawnBy)
        : List.of(Together.denied(held.get(), settlement, withdrawnBy));
  }

  private List<Outcome> granted(Held held, Settlement settlement, Optional<String> withdrawnBy) {
    AccessRequest request = held.request();
    Instant at = settlement.at();
    Decision now = decide(request, held.approvals(), held.heldAt(), at);
    Decision.Granted decision =
        now instanceof Decision.Granted still
            ? still
            : new Decision.Granted(
                held.policy(),
                held.policyVersion(),
                request.startsAt(at),
                request.startsAt(at).plus(request.duration()),
                reminderOf(held.policy()),
                List.of(Check.passed("together", "promised before all machines were decided")),
                List.of());
    List<Outcome> all = new ArrayList<>(grantAlone(request, decision, held.approvals(), at));
    Grant grant = Grant.of(request, decision);
    if (withdrawnBy.isPresent()) {
      all.add(new Outcome.Ended(grant.ended(Grant.End.USER_REQUESTED), withdrawnBy));
    } else if (!(now instanceof Decision.Granted)) {
      all.add(new Outcome.Ended(grant.ended(Grant.End.POLICY_REMOVED), Optional.empty()));
    }
    return all;
  }

  /** Policies or machines have changed since the grant was given. */
  public List<Outcome> reconsider(Grant grant) {
    if (!grant.isRunning() || isCovered(grant)) {
      return List.of();
    }
    return List.of(new Outcome.Ended(grant.ended(Grant.End.POLICY_REMOVED), Optional.empty()));
  }

  private boolean isCovered(Grant grant) {
    MachineFacts facts =
        setting.machine(grant.machine()).orElseGet(() -> MachineFacts.unseen(grant.machine()));
    return grants
        .policy(grant.policy())
        .filter(p -> PolicyChanges.stillCovers(p, facts, grant.ports()))
        .isPresent();
  }

  private List<Outcome> revoke(Wish.Revocation wish, Instant now) {
    Optional<Pending> waiting = ledger.pending(wish.machine(), wish.grant());
    if (waiting.isPresent()) {
      return withdraw(wish, waiting.get());
    }
    Optional<Held> held = ledger.held(wish.machine(), wish.grant());
    if (held.isPresent()) {
      return withdraw(wish, held.get(), now);
    }
    Optional<Grant> grant = ledger.grant(wish.machine(), wish.grant());
    if (grant.isEmpty()) {
      return ledger.standing(wish.machine(), wish.grant()) == Ledger.Standing.UNKNOWN
          ? GrantWishes.refused(wish, Refusal.UNKNOWN, "no such request or grant is known")
          : List.of();
    }
    if (!grant.get().isRunning()) {
      return List.of();
    }
    boolean own = grant.get().owner().equals(Owner.of(wish.by()));
    if (!own
        && !setting.isAdmin(wish.by())
        && !grants.isApprover(grant.get().policy(), wish.by())) {
      return GrantWishes.refused(
          wish, Refusal.NOT_YOURS, wish.by().subject() + " may not end somebody else's grant");
    }
    return List.of(
        new Outcome.Ended(
            grant.get().ended(own ? Grant.End.USER_REQUESTED : Grant.End.ADMIN_REVOKED),
            Optional.of(wish.by().subject())));
  }

  private List<Outcome> withdraw(Wish.Revocation wish, Pending pending) {
    return mayWithdraw(wish, pending.request())
        ? List.of(
            new Outcome.Denied(
                pending.request(),
                denied(pending, ErrorCode.WITHDRAWN, "withdrawn by " + wish.by().subject())))
        : notYours(wish);
  }

  private List<Outcome> withdraw(Wish.Revocation wish, Held held, Instant now) {
    return mayWithdraw(wish, held.request())
        ? together.recant(held, "withdrawn by " + wish.by().subject(), Optional.of(wish), now)
        : notYours(wish);
  }

  private boolean mayWithdraw(Wish.Revocation wish, AccessRequest request) {
    return Owner.of(request.requestor()).equals(Owner.of(wish.by())) || setting.isAdmin(wish.by());
  }

  private static List<Outcome> notYours(Wish.Revocation wish) {
    return GrantWishes.refused(
        wish, Refusal.NOT_YOURS, wish.by().subject() + " may not withdraw somebody's request");
  }

  /**
   * A grant's time is said to be up.
   *
   * @param expiredAt the end that is meant: of an earlier end of an extended grant nothing follows
   */
  public List<Outcome> expired(MachineId machine, GrantId id, Instant expiredAt) {
    return ledger
        .grant(machine, id)
        .filter(g -> g.isRunning() && !expiredAt.isBefore(g.expiresAt()))
        .<List<Outcome>>map(g -> List.of(new Outcome.Noted(g.ended(Grant.End.EXPIRED))))
        .orElse(List.of());
  }

  /** An enforcer says that a grant's port is closed. */
  public List<Outcome> closed(MachineId machine, GrantId id) {
    return ledger
        .grant(machine, id)
        .filter(g -> !g.closed())
        .<List<Outcome>>map(g -> List.of(new Outcome.Noted(g.reportedClosed())))
        .orElse(List.of());
  }

  private Optional<Duration> reminderOf(PolicyId policy) {
    return setting.currentPolicies().stream()
        .filter(p -> p.id().equals(policy))
        .findFirst()
        .flatMap(p -> p.terms().reminder());
  }

  private Decision decide(
      AccessRequest request, List<Approval> approvals, Instant heldAt, Instant now) {
    Optional<MachineFacts> known = setting.machine(request.machine());
    return Decider.decide(
        new Decider.Case(
            request,
            known.orElseGet(() -> MachineFacts.unseen(request.machine())),
            known.isPresent(),
            runningOf(request),
            approvals,
            ledger.usage(),
            heldAt),
        setting.currentPolicies(),
        setting.bounds(),
        setting.conditions(),
        now);
  }

  private List<Grant> runningOf(AccessRequest request) {
    return ledger.running(request.machine(), Owner.of(request.requestor()));
  }

  private List<Outcome> grant(
      AccessRequest request,
      Decision.Granted granted,
      List<Approval> approvals,
      Instant heldAt,
      Instant now) {
    return request.together().isEmpty()
        ? grantAlone(request, granted, approvals, now)
        : Together.hold(request, granted, approvals, heldAt, now);
  }

  private List<Outcome> grantAlone(
      AccessRequest request, Decision.Granted granted, List<Approval> approvals, Instant now) {
    List<Outcome> all = new ArrayList<>();
    runningOf(request).stream()
        .filter(g -> granted.superseded().contains(g.id()))
        .map(g -> g.ended(Grant.End.NEWER_REQUEST_INITIATED))
        .forEach(g -> all.add(new Outcome.Ended(g, Optional.of(request.requestor().subject()))));
    all.add(new Outcome.Granted(request, granted, approvals));
    if (request.breakGlass()) {
      all.add(new Outcome.BreakGlassUsed(Unreviewed.of(request, granted, now)));
    }
    return all;
  }

  private static Decision.Denied denied(Pending pending, ErrorCode code, String why) {
    return new Decision.Denied(
        Optional.of(pending.policy()),
        pending.policyVersion(),
        List.of(Check.failed("approval", code, why)));
  }
}
