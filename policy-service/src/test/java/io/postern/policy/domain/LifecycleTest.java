package io.postern.policy.domain;

import static io.postern.policy.domain.World.NOON;
import static io.postern.policy.domain.World.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.GrantId;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Requestor ALICE = person("alice", "sre", "leads");
  private static final Requestor LEAD = person("bob", "leads");
  private static final Requestor SECURITY = person("sam", "security");
  private static final Instant LATE = NOON.plus(Duration.ofHours(1));

  private final World world = new World();
  private final ToldLedger ledger = new ToldLedger();
  private final Lifecycle lifecycle = new Lifecycle(ledger, world);
  private final AccessRequest request = World.request(1, ALICE, "203.0.113.7", NOON);

  @BeforeEach
  void twoLevelsOfApproval() {
    world.policies.add(World.policy(Terms.approval(World.twoLevels())));
  }

  private void ask(AccessRequest asked) {
    ledger.apply(lifecycle.ask(asked, NOON));
  }

  private Wish.Vote vote(Requestor by, boolean yes) {
    return new Wish.Vote(
        UUID.randomUUID().toString(),
        request.id(),
        World.MACHINE,
        request.digest(),
        by,
        yes,
        Optional.empty());
  }

  private List<Outcome> wish(Wish wish, Instant now) {
    List<Outcome> outcomes = lifecycle.wish(wish, now);
    ledger.apply(outcomes);
    return outcomes.stream().filter(o -> !(o instanceof Outcome.Answered)).toList();
  }

  private static void assertRefused(List<Outcome> outcomes, Refusal code) {
    assertThat(outcomes)
        .last()
        .isInstanceOfSatisfying(Outcome.Refused.class, r -> assertThat(r.code()).isEqualTo(code));
  }

  @Test
  void grantsOnceEveryLevelHasApprovedAndSaysWhoDid() {
    ask(request);
    assertThat(ledger.said()).hasSize(1).first().isInstanceOf(Outcome.Waits.class);
    assertThat(wish(vote(LEAD, true), NOON.plusSeconds(60)))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Waits.class, w -> assertThat(w.pending().level()).isEqualTo(1));
    Instant then = NOON.plus(Duration.ofMinutes(40));
    assertThat(wish(vote(SECURITY, true), then))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Granted.class,
            g -> {
              assertThat(g.approvals())
                  .extracting(a -> a.approver().subject())
                  .containsExactly("bob", "sam");
              assertThat(g.grant().startsAt()).isEqualTo(then);
              assertThat(g.grant().expiresAt()).isEqualTo(then.plus(request.duration()));
            });
  }

  @Test
  void whateverDoesNotCountIsRefusedWithItsOwnReason() {
    assertRefused(wish(vote(LEAD, true), NOON), Refusal.UNKNOWN);
    ask(request);
    assertRefused(wish(vote(ALICE, true), NOON), Refusal.SELF_APPROVAL);
    assertRefused(wish(vote(person("eve", "sre"), true), NOON), Refusal.NOT_AN_APPROVER);
    assertRefused(wish(vote(SECURITY, true), NOON), Refusal.NOT_THIS_LEVEL);
    Wish.Vote other =
        new Wish.Vote("e", request.id(), World.MACHINE, "other", LEAD, true, Optional.empty());
    assertRefused(wish(other, NOON), Refusal.OTHER_DIGEST);
    wish(vote(LEAD, true), NOON);
    assertRefused(wish(vote(LEAD, true), NOON), Refusal.ALREADY_COUNTED);
    wish(vote(SECURITY, true), NOON);
    assertRefused(wish(vote(SECURITY, true), NOON), Refusal.ALREADY_DECIDED);
  }

  @Test
  void theSameEventTwiceChangesNothingAndIsNotAnsweredTwice() {
    ask(request);
    Wish.Vote yes = vote(LEAD, true);
    wish(yes, NOON);
    assertThat(wish(yes, NOON)).isEmpty();
    ask(request);
    assertThat(ledger.waiting()).singleElement().extracting(Pending::level).isEqualTo(1);
  }

  @Test
  void anApprovalAfterTheTimeOutIsRefusedAndTheRequestIsDenied() {
    ask(request);
    List<Outcome> late = wish(vote(LEAD, true), LATE);
    assertThat(late)
        .first()
        .isInstanceOfSatisfying(Outcome.Denied.class, d -> assertThat(d.isTimeOut()).isTrue());
    assertRefused(late, Refusal.TIMED_OUT);
    assertRefused(wish(vote(SECURITY, true), LATE), Refusal.TIMED_OUT);
  }

  @Test
  void whatNobodyAnswersTimesOut() {
    ask(request);
    assertThat(lifecycle.timeUp(ledger.waiting().get(0), LATE.minusSeconds(1))).isEmpty();
    ledger.apply(lifecycle.timeUp(ledger.waiting().get(0), LATE));
    assertThat(ledger.waiting()).isEmpty();
  }

  @Test
  void oneNoOfAnyApproverIsFinal() {
    ask(request);
    wish(vote(LEAD, true), NOON);
    assertThat(wish(vote(LEAD, false), NOON)).singleElement().isInstanceOf(Outcome.Denied.class);
    assertThat(ledger.waiting()).isEmpty();
  }

  @Test
  void onlyTheRequestorOrAnAdminWithdrawsWhatWaits() {
    ask(request);
    assertRefused(wish(revocation(request.grantId(), LEAD), NOON), Refusal.NOT_YOURS);
    assertThat(wish(revocation(request.grantId(), ALICE), NOON))
        .singleElement()
        .isInstanceOf(Outcome.Denied.class);
    assertThat(ledger.waiting()).isEmpty();
  }

  @Test
  void anApproverMayEndAGrant() {
    ask(request);
    wish(vote(LEAD, true), NOON);
    wish(vote(SECURITY, true), NOON);
    assertRefused(
        wish(revocation(request.grantId(), person("eve", "sre")), NOON), Refusal.NOT_YOURS);
    assertThat(wish(revocation(request.grantId(), SECURITY), NOON))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Ended.class,
            e -> assertThat(e.grant().end()).contains(Grant.End.ADMIN_REVOKED));
  }

  @Test
  void aChangedPolicyIsHeldAgainstWhatWaits() {
    ask(request);
    wish(vote(LEAD, true), NOON);
    world.policies.set(0, World.policy(io.postern.model.PolicyTerms.NONE));
    assertThat(lifecycle.reconsider(ledger.waiting().get(0), NOON))
        .singleElement()
        .isInstanceOf(Outcome.Granted.class);
    world.policies.clear();
    assertThat(lifecycle.reconsider(ledger.waiting().get(0), NOON))
        .singleElement()
        .isInstanceOf(Outcome.Denied.class);
  }

  private static Wish.Revocation revocation(GrantId grant, Requestor by) {
    return new Wish.Revocation(UUID.randomUUID().toString(), grant, World.MACHINE, by);
  }
}
