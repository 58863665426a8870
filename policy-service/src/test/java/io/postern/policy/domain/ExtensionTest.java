package io.postern.policy.domain;

import static io.postern.policy.domain.World.NOON;
import static io.postern.policy.domain.World.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.PolicyTerms;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExtensionTest {
  private static final Requestor ALICE = person("alice", "sre");
  private static final Duration QUARTER = Duration.ofMinutes(15);
  private static final Instant END = NOON.plus(QUARTER);

  private final World world = new World();
  private final ToldLedger ledger = new ToldLedger();
  private final Lifecycle lifecycle = new Lifecycle(ledger, world);
  private static final Optional<Duration> REMINDER = Optional.of(Duration.ofMinutes(5));

  private final AccessRequest request = World.request(1, ALICE, "203.0.113.7", NOON);

  @BeforeEach
  void aRunningGrant() {
    world.policies.add(
        World.policy(Terms.extension(Duration.ofMinutes(40)).withReminder(REMINDER)));
    ledger.apply(lifecycle.ask(request, NOON));
  }

  private Wish.Extension wish(Requestor by, Duration duration) {
    return new Wish.Extension(
        UUID.randomUUID().toString(),
        request.grantId(),
        World.MACHINE,
        by,
        duration,
        Optional.empty());
  }

  private Outcome outcome(Wish wish, Instant now) {
    List<Outcome> outcomes = lifecycle.wish(wish, now);
    ledger.apply(outcomes);
    return outcomes.get(0);
  }

  private static void assertRefused(Outcome outcome, Refusal code) {
    assertThat(outcome)
        .isInstanceOfSatisfying(Outcome.Refused.class, r -> assertThat(r.code()).isEqualTo(code));
  }

  private Instant end() {
    return ledger.all().get(0).expiresAt();
  }

  @Test
  void movesTheEndOnceForEachWishUpToTheLimit() {
    Wish first = wish(ALICE, QUARTER);
    assertThat(outcome(first, NOON)).isInstanceOf(Outcome.Extended.class);
    assertThat(lifecycle.wish(first, NOON)).isEmpty();
    assertThat(end()).isEqualTo(END.plus(QUARTER));
    assertRefused(outcome(wish(ALICE, QUARTER), NOON), Refusal.BEYOND_LIMIT);
    assertThat(end()).isEqualTo(END.plus(QUARTER));
    assertThat(ledger.all().get(0).reminder()).isEqualTo(REMINDER);
  }

  @Test
  void onlyWhoHasTheGrantExtendsItAndOnlyWhileItRuns() {
    assertRefused(outcome(wish(person("bob", "sre"), QUARTER), NOON), Refusal.NOT_YOURS);
    assertRefused(outcome(wish(ALICE, QUARTER), END), Refusal.OVER);
    ledger.apply(lifecycle.expired(World.MACHINE, request.grantId(), END));
    assertRefused(outcome(wish(ALICE, QUARTER), NOON), Refusal.OVER);
  }

  @Test
  void thePolicyOfTheMomentDecides() {
    assertRefused(
        outcome(wish(person("alice", "guests"), QUARTER), NOON), Refusal.POLICY_UNSATISFIED);
    world.policies.set(0, World.policy(PolicyTerms.NONE));
    assertRefused(outcome(wish(ALICE, QUARTER), NOON), Refusal.NOT_EXTENDABLE);
    world.policies.clear();
    assertRefused(outcome(wish(ALICE, QUARTER), NOON), Refusal.NOT_EXTENDABLE);
  }

  @Test
  void anExpiryOfTheOldEndChangesNothing() {
    outcome(wish(ALICE, QUARTER), NOON);
    assertThat(lifecycle.expired(World.MACHINE, request.grantId(), END)).isEmpty();
    assertThat(lifecycle.expired(World.MACHINE, request.grantId(), END.plus(QUARTER))).hasSize(1);
  }
}
