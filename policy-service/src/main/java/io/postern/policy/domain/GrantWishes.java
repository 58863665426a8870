package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What somebody wishes of a grant that is there: a later end, or the review of break-glass. */
final class GrantWishes {
  private final Ledger ledger;
  private final Setting setting;

  GrantWishes(Ledger ledger, Setting setting) {
    this.ledger = ledger;
    this.setting = setting;
  }

  /** A grant shall last longer. */
  List<Outcome> extend(Wish.Extension wish, Instant now) {
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

  /** A use of break-glass was looked into. */
  List<Outcome> review(Wish.Review wish) {
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

  boolean isApprover(PolicyId policy, Requestor person) {
    return policy(policy)
        .flatMap(p -> p.terms().approval())
        .filter(a -> a.names(person))
        .isPresent();
  }

  Optional<Policy> policy(PolicyId id) {
    return setting.currentPolicies().stream().filter(p -> p.id().equals(id)).findFirst();
  }

  static List<Outcome> refused(Wish wish, Refusal code, String message) {
    return List.of(new Outcome.Refused(wish, code, message));
  }
}
