package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.Requestor;
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

  public Lifecycle(Ledger ledger, Setting setting) {
    this.ledger = ledger;
    this.setting = setting;
  }

  /** A request arrives. */
  public List<Outcome> ask(AccessRequest request, Instant now) {
    if (ledger.standing(request.machine(), request.grantId()) != Ledger.Standing.UNKNOWN) {
      return List.of();
    }
    return switch (decide(request, List.of(), now, now)) {
      case Decision.Granted granted -> grant(request, granted, List.of(), now);
      case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
      case Decision.Waiting waiting ->
          List.of(
              new Outcome.Waits(Pending.of(request, waiting, now, now.plus(waiting.timeout()))));
    };
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
              case Wish.Revocation revocation -> revoke(revocation);
              case Wish.Extension extension -> extend(extension, now);
              case Wish.Review review -> review(review);
            });
    all.add(new Outcome.Answered(wish));
    return all;
  }

  private List<Outcome> vote(Wish.Vote vote, Instant now) {
    Optional<Pending> waiting = ledger.pending(vote.machine(), vote.grant());
    if (waiting.isEmpty()) {
      return notWaiting(vote);
    }
    Pending pending = waiting.get();
    if (!pending.request().digest().equals(vote.digest())) {
      return refused(vote, Refusal.OTHER_DIGEST, "the request has another content");
    }
    if (!now.isBefore(pending.timesOutAt())) {
      List<Outcome> all = new ArrayList<>(timeUp(pending, now));
      all.addAll(
          refused(vote, Refusal.TIMED_OUT, "approvals were due until " + pending.timesOutAt()));
      return all;
    }
    return switch (decide(pending.request(), pending.approvals(), pending.heldAt(), now)) {
      case Decision.Waiting state -> counted(vote, pending, state, now);
      case Decision.Granted granted -> grant(pending.request(), granted, pending.approvals(), now);
      case Decision.Denied denied -> {
        List<Outcome> all = new ArrayList<>();
        all.add(new Outcome.Denied(pending.request(), denied));
        all.addAll(refused(vote, Refusal.ALREADY_DECIDED, "the checks hold no longer"));
        yield all;
      }
    };
  }

  private List<Outcome> counted(
      Wish.Vote vote, Pending pending, Decision.Waiting state, Instant now) {
    Optional<Refusal> objection =
        state.progress().objection(vote.by()).filter(o -> vote.approves() || !o.onlyToYes());
    if (objection.isPresent()) {
      return refused(vote, objection.get(), objection.get().sentence(vote.by().subject()));
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
      case Decision.Granted granted -> grant(request, granted, approvals, now);
      case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
      case Decision.Waiting waiting ->
          List.of(
              new Outcome.Waits(
                  Pending.of(request, waiting, pending.heldAt(), pending.timesOutAt())));
    };
  }

  private List<Outcome> notWaiting(Wish.Vote vote) {
    return switch (ledger.standing(vote.machine(), vote.grant())) {
      case UNKNOWN -> refused(vote, Refusal.UNKNOWN, "no such request is known");
      case TIMED_OUT -> refused(vote, Refusal.TIMED_OUT, "the request timed out");
      case TAKEN -> refused(vote, Refusal.ALREADY_DECIDED, "the request has its decision");
    };
  }

  /** The time of a request that waits may be up. */
  public List<Outcome> timeUp(Pending pending, Instant now) {
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
    return switch (decide(request, pending.approvals(), pending.heldAt(), now)) {
      case Decision.Granted granted -> grant(request, granted, pending.approvals(), now);
      case Decision.Denied denied -> List.of(new Outcome.Denied(request, denied));
      case Decision.Waiting waiting -> {
        Pending next = Pending.of(request, waiting, pending.heldAt(), pending.timesOutAt());
        yield next.equals(pending) ? List.of() : List.of(new Outcome.Waits(next));
      }
    };
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
    return policy(grant.policy())
        .filter(p -> PolicyChanges.stillCovers(p, facts, grant.ports()))
        .isPresent();
  }

  private List<Outcome> revoke(Wish.Revocation wish) {
    Optional<Pending> waiting = ledger.pending(wish.machine(), wish.grant());
    if (waiting.isPresent()) {
      return withdraw(wish, waiting.get());
    }
    Optional<Grant> grant = ledger.grant(wish.machine(), wish.grant());
    if (grant.isEmpty()) {
      return ledger.standing(wish.machine(), wish.grant()) == Ledger.Standing.UNKNOWN
          ? refused(wish, Refusal.UNKNOWN, "no such request or grant is known")
          : List.of();
    }
    if (!grant.get().isRunning()) {
      return List.of();
    }
    boolean own = grant.get().owner().equals(Owner.of(wish.by()));
    if (!own && !setting.isAdmin(wish.by()) && !isApprover(grant.get().policy(), wish.by())) {
      return refused(
          wish, Refusal.NOT_YOURS, wish.by().subject() + " may not end somebody else's grant");
    }
    return List.of(
        new Outcome.Ended(
            grant.get().ended(own ? Grant.End.USER_REQUESTED : Grant.End.ADMIN_REVOKED),
            Optional.of(wish.by().subject())));
  }

  private List<Outcome> extend(Wish.Extension wish, Instant now) {
    Optional<Grant> held = ledger.grant(wish.machine(), wish.grant());
    if (held.isEmpty()) {
      return ledger.standing(wish.machine(), wish.grant()) == Ledger.Standing.UNKNOWN
          ? refused(wish, Refusal.UNKNOWN, "no such grant is known")
          : refused(wish, Refusal.OVER, "the grant is over, or there was none");
    }
    Grant grant = held.get();
    if (!grant.isRunning() || !now.isBefore(grant.expiresAt())) {
      return refused(wish, Refusal.OVER, "the grant ended at " + grant.expiresAt());
    }
    if (!grant.owner().equals(Owner.of(wish.by()))) {
      return refused(wish, Refusal.NOT_YOURS, "only who has the grant may extend it");
    }
    return policy(grant.policy())
        .map(p -> extend(wish, grant, p, now))
        .orElseGet(() -> refused(wish, Refusal.NOT_EXTENDABLE, "the policy is gone"));
  }

  private List<Outcome> extend(Wish.Extension wish, Grant grant, Policy policy, Instant now) {
    Optional<Duration> longest = policy.terms().longestExtended();
    if (longest.isEmpty()) {
      return refused(
          wish, Refusal.NOT_EXTENDABLE, "policy " + policy.id() + " lets no grant be extended");
    }
    Instant newEnd = grant.expiresAt().plus(wish.duration());
    Duration total = Duration.between(grant.startsAt(), newEnd);
    Duration limit =
        longest
            .filter(l -> l.compareTo(setting.bounds().longest()) < 0)
            .orElse(setting.bounds().longest());
    if (total.compareTo(limit) > 0) {
      return refused(
          wish, Refusal.BEYOND_LIMIT, "it would last " + total + ", longer than " + limit);
    }
    MachineFacts facts =
        setting.machine(grant.machine()).orElseGet(() -> MachineFacts.unseen(grant.machine()));
    AccessRequest extended = grant.extendedRequest(wish, newEnd);
    return Decider.objection(
            extended, facts, policy, setting.currentPolicies(), setting.conditions(), now)
        .map(c -> refused(wish, Refusal.POLICY_UNSATISFIED, c.name() + ": " + c.detail()))
        .orElseGet(() -> List.of(new Outcome.Extended(grant.until(newEnd), wish)));
  }

  private List<Outcome> review(Wish.Review wish) {
    Optional<Unreviewed> use = ledger.unreviewed(wish.machine(), wish.grant());
    if (use.isEmpty()) {
      return refused(wish, Refusal.UNKNOWN, "there is no such use of break-glass to review");
    }
    if (use.get().usedBy().subject().equals(wish.by().subject())) {
      return refused(wish, Refusal.SELF_REVIEW, "somebody else must review it");
    }
    if (!setting.isAdmin(wish.by()) && !isApprover(use.get().policy(), wish.by())) {
      return refused(
          wish,
          Refusal.NOT_AN_APPROVER,
          wish.by().subject() + " is neither an approver of the policy nor an admin");
    }
    return List.of(new Outcome.Reviewed(use.get(), wish));
  }

  private List<Outcome> withdraw(Wish.Revocation wish, Pending pending) {
    boolean own = Owner.of(pending.request().requestor()).equals(Owner.of(wish.by()));
    if (!own && !setting.isAdmin(wish.by())) {
      return refused(
          wish, Refusal.NOT_YOURS, wish.by().subject() + " may not withdraw somebody's request");
    }
    return List.of(
        new Outcome.Denied(
            pending.request(),
            denied(pending, ErrorCode.WITHDRAWN, "withdrawn by " + wish.by().subject())));
  }

  private boolean isApprover(PolicyId policy, Requestor person) {
    return policy(policy)
        .flatMap(p -> p.terms().approval())
        .filter(a -> a.names(person))
        .isPresent();
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

  private Decision decide(
      AccessRequest request, List<Approval> approvals, Instant heldAt, Instant now) {
    Optional<MachineFacts> known = setting.machine(request.machine());
    return Decider.decide(
        new Decider.Case(
            request,
            known.orElseGet(() -> MachineFacts.unseen(request.machine())),
            known.isPresent(),
            ledger.running(request.machine()),
            approvals,
            heldAt),
        setting.currentPolicies(),
        setting.bounds(),
        setting.conditions(),
        now);
  }

  private List<Outcome> grant(
      AccessRequest request, Decision.Granted granted, List<Approval> approvals, Instant now) {
    List<Outcome> all = new ArrayList<>();
    ledger.running(request.machine()).stream()
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

  private static List<Outcome> refused(Wish wish, Refusal code, String message) {
    return List.of(new Outcome.Refused(wish, code, message));
  }

  private Optional<Policy> policy(PolicyId id) {
    return setting.currentPolicies().stream().filter(p -> p.id().equals(id)).findFirst();
  }
}
