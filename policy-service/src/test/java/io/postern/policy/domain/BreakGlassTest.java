package io.postern.policy.domain;

import static io.postern.policy.domain.World.NOON;
import static io.postern.policy.domain.World.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.Requestor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BreakGlassTest {
  private static final Requestor ALICE = person("alice", "oncall", "leads");

  private final World world = new World();
  private final ToldLedger ledger = new ToldLedger();
  private final Lifecycle lifecycle = new Lifecycle(ledger, world);
  private final AccessRequest request = emergency(1, ALICE, "it burns");

  @BeforeEach
  void aPolicyWithApprovalAndAConditionThatNeverHolds() {
    world.policies.add(World.policy(Terms.breakGlass(World.twoLevels())));
  }

  private static AccessRequest emergency(int number, Requestor who, String why) {
    AccessRequest r = World.request(number, who, "203.0.113.7", NOON);
    return new AccessRequest(
        r.id(),
        r.machine(),
        who,
        r.ports(),
        r.sources(),
        Optional.empty(),
        r.duration(),
        Optional.of(why),
        true,
        NOON,
        r.digest());
  }

  private List<Outcome> review(Requestor by) {
    List<Outcome> outcomes =
        lifecycle.wish(
            new Wish.Review(
                UUID.randomUUID().toString(),
                request.grantId(),
                World.MACHINE,
                by,
                Optional.empty()),
            NOON.plus(Duration.ofDays(2)));
    ledger.apply(outcomes);
    return outcomes;
  }

  private static void assertRefused(List<Outcome> outcomes, Refusal code) {
    assertThat(outcomes)
        .first()
        .isInstanceOfSatisfying(Outcome.Refused.class, r -> assertThat(r.code()).isEqualTo(code));
  }

  @Test
  void opensAtOnceAndCountsUntilSomebodyElseHasReviewedIt() {
    ledger.apply(lifecycle.ask(request, NOON));
    assertThat(ledger.said())
        .hasExactlyElementsOfTypes(Outcome.Granted.class, Outcome.BreakGlassUsed.class);
    assertRefused(review(ALICE), Refusal.SELF_REVIEW);
    assertRefused(review(person("eve", "sre")), Refusal.NOT_AN_APPROVER);
    assertThat(review(person("bob", "leads"))).first().isInstanceOf(Outcome.Reviewed.class);
    assertRefused(review(person("bob", "leads")), Refusal.UNKNOWN);
  }

  @Test
  void itsOwnBoundsHold() {
    assertDenied(emergency(2, person("carl", "sre"), "it burns"), "breakGlass");
    assertDenied(emergency(3, ALICE, " "), "justification");
    world.policies.add(
        new io.postern.model.Policy(
                new io.postern.model.PolicyId("deny"),
                1,
                world.policies.get(0).machines(),
                world.policies.get(0).ports(),
                java.util.Set.of(),
                java.util.Set.of(),
                false,
                Optional.empty(),
                io.postern.model.Policy.ExistingRules.PRIORITY,
                io.postern.model.Policy.SharedGroups.REFUSE,
                32,
                128)
            .withTerms(Terms.DENY));
    assertDenied(emergency(4, ALICE, "it burns"), "deny");
  }

  private void assertDenied(AccessRequest asked, String check) {
    assertThat(lifecycle.ask(asked, NOON))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Denied.class,
            d ->
                assertThat(d.decision().checks())
                    .filteredOn(c -> c.result() == Check.Result.FAILED)
                    .extracting(Check::name)
                    .containsExactly(check));
  }
}
