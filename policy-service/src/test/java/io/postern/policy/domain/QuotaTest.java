package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.Quota;
import io.postern.model.Quotas;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private static final Quota ONE_OPEN = new Quota(OptionalInt.of(1), OptionalInt.empty());
  private static final Quota TWO_AN_HOUR = new Quota(OptionalInt.empty(), OptionalInt.of(2));

  private final World world = new World();
  private final ToldLedger ledger = new ToldLedger();
  private final Lifecycle lifecycle = new Lifecycle(ledger, world);

  private void quotas(Quota perRequestor, Quota total) {
    world.policies.clear();
    world.policies.add(World.policy(PolicyTerms.NONE.withQuotas(new Quotas(perRequestor, total))));
  }

  private Outcome ask(int number, String who, String source, Instant now) {
    List<Outcome> outcomes =
        lifecycle.ask(World.request(number, World.person(who, "sre"), source, now), now);
    ledger.apply(outcomes, now);
    return outcomes.get(outcomes.size() - 1);
  }

  private static void assertOver(Outcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Denied.class,
            d ->
                assertThat(d.decision().checks())
                    .filteredOn(c -> c.result() == Check.Result.FAILED)
                    .singleElement()
                    .satisfies(c -> assertThat(c.name()).isEqualTo("quota"))
                    .satisfies(c -> assertThat(c.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED)));
  }

  private static void assertGranted(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Granted.class);
  }

  @Test
  void oneRequestorsOpenGrantsAreCountedApart() {
    quotas(ONE_OPEN, Quota.NONE);
    assertGranted(ask(1, "alice", "203.0.113.1", World.NOON));
    assertOver(ask(2, "alice", "203.0.113.2", World.NOON));
    assertGranted(ask(3, "bob", "203.0.113.2", World.NOON));
  }

  @Test
  void aGrantThatIsSupersededMakesRoom() {
    quotas(ONE_OPEN, Quota.NONE);
    ask(1, "alice", "203.0.113.1", World.NOON);
    assertGranted(ask(2, "alice", "203.0.113.1", World.NOON));
    assertOver(ask(3, "alice", "203.0.113.2", World.NOON));
  }

  @Test
  void aGrantThatEndedMakesRoom() {
    quotas(Quota.NONE, ONE_OPEN);
    ask(1, "alice", "203.0.113.1", World.NOON);
    assertOver(ask(2, "bob", "203.0.113.2", World.NOON));
    Grant grant = ledger.all().get(0);
    ledger.apply(lifecycle.expired(grant.machine(), grant.id(), grant.expiresAt()));
    assertGranted(ask(3, "bob", "203.0.113.2", World.NOON));
  }

  @Test
  void requestsCountForAnHourAndDenialsDoNot() {
    quotas(Quota.NONE, TWO_AN_HOUR);
    assertGranted(ask(1, "alice", "203.0.113.1", World.NOON));
    assertGranted(ask(2, "bob", "203.0.113.2", World.NOON.plusSeconds(60)));
    assertOver(ask(3, "bob", "203.0.113.3", World.NOON.plusSeconds(120)));
    Instant firstForgotten = World.NOON.plus(Duration.ofHours(1));
    assertOver(ask(4, "bob", "203.0.113.3", firstForgotten.minusMillis(1)));
    assertGranted(ask(5, "bob", "203.0.113.3", firstForgotten));
    assertOver(ask(6, "bob", "203.0.113.4", firstForgotten));
  }

  @Test
  void aRequestThatWaitedDoesNotStandInItsOwnWay() {
    PolicyTerms terms = Terms.approval(World.twoLevels());
    Quota one = new Quota(OptionalInt.of(1), OptionalInt.of(1));
    world.policies.add(World.policy(terms.withQuotas(new Quotas(one, one))));
    assertThat(ask(1, "alice", "203.0.113.1", World.NOON)).isInstanceOf(Outcome.Waits.class);
    assertOver(ask(2, "alice", "203.0.113.2", World.NOON));
    vote("v1", "lena", "leads");
    assertGranted(vote("v2", "sam", "security"));
  }

  private Outcome vote(String id, String who, String group) {
    AccessRequest asked = World.request(1, World.person("alice"), "203.0.113.1", World.NOON);
    List<Outcome> outcomes =
        lifecycle.wish(
            new Wish.Vote(
                id,
                asked.id(),
                asked.machine(),
                asked.digest(),
                World.person(who, group),
                true,
                Optional.empty()),
            World.NOON);
    ledger.apply(outcomes, World.NOON);
    return outcomes.get(0);
  }

  @Test
  void breakGlassIsNotHeldAgainstThemAndCounts() {
    PolicyTerms terms = Terms.breakGlass(World.twoLevels());
    world.policies.add(World.policy(terms.withQuotas(new Quotas(Quota.NONE, ONE_OPEN))));
    for (int n = 1; n < 3; n++) {
      AccessRequest plain =
          World.request(n, World.person("oli", "oncall"), "203.0.113." + n, World.NOON);
      ledger.apply(
          lifecycle.ask(
              new AccessRequest(
                  plain.id(),
                  plain.machine(),
                  plain.requestor(),
                  plain.ports(),
                  plain.sources(),
                  Optional.empty(),
                  plain.duration(),
                  Optional.of("it burns"),
                  true,
                  plain.submittedAt(),
                  plain.digest()),
              World.NOON));
    }
    assertThat(ledger.usage().openGrants(new PolicyId("web"), Optional.empty(), Set.of()))
        .isEqualTo(2);
  }

  @Test
  void isDeniedWhileTheUseIsNotKnown() {
    Usage unknown = new UsageSum(List.of(new UsageIndex(), new Unknown()));
    AccessRequest request =
        World.request(1, World.person("alice", "sre"), "203.0.113.1", World.NOON);
    Check check =
        QuotaRules.check(
            request,
            World.policy(PolicyTerms.NONE.withQuotas(new Quotas(ONE_OPEN, Quota.NONE))),
            unknown,
            Set.of(),
            World.NOON);
    assertThat(check.result()).isEqualTo(Check.Result.FAILED);
  }

  private static final class Unknown implements Usage {
    @Override
    public boolean isKnown() {
      return false;
    }

    @Override
    public long openGrants(PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
      return 0;
    }

    @Override
    public long requestsAfter(PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
      return 0;
    }
  }

  private record Event(GrantId id, PolicyId policy, Owner owner, Instant at, int kind) {}

  /** The index beside a list that is looked through each time. */
  @Test
  void countsAsAListWould() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int history = 0; history < 300; history++) {
      UsageIndex index = new UsageIndex();
      List<Event> log = new ArrayList<>();
      Instant now = World.NOON;
      for (int step = 0; step < 100; step++) {
        now = now.plusSeconds(random.nextInt(120));
        int number = random.nextInt(20);
        Event e =
            new Event(
                new GrantId(new UUID(2, number)),
                new PolicyId("p" + number % 2),
                new Owner("o" + number % 3, "i"),
                now,
                random.nextInt(3));
        // The first time counts.
        if (e.kind() != 2 || log.stream().noneMatch(o -> o.kind() == 2 && o.id().equals(e.id()))) {
          log.add(e);
        }
        switch (e.kind()) {
          case 0 -> index.opened(e.id(), e.policy(), e.owner());
          case 1 -> index.ended(e.id());
          default -> index.asked(e.id(), e.policy(), e.owner(), e.at());
        }
        if (random.nextInt(10) == 0) {
          Instant until = now.minus(Duration.ofHours(1));
          index.forgetUntil(until);
          log.removeIf(old -> old.kind() == 2 && !old.at().isAfter(until));
        }
        compare(index, log, random, now, "seed " + seed + ", history " + history);
      }
    }
  }

  private static void compare(
      UsageIndex index, List<Event> log, Random random, Instant now, String where) {
    PolicyId policy = new PolicyId("p" + random.nextInt(2));
    Optional<Owner> of =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(new Owner("o" + random.nextInt(3), "i"));
    GrantId except = new GrantId(new UUID(2, random.nextInt(20)));
    Instant since = now.minus(Duration.ofMinutes(random.nextInt(90)));
    Set<GrantId> open = new HashSet<>();
    Map<GrantId, Event> asked = new HashMap<>();
    for (Event e : log) {
      boolean mine = e.policy().equals(policy) && of.filter(o -> !o.equals(e.owner())).isEmpty();
      if (mine && e.kind() == 0) {
        open.add(e.id());
      } else if (e.kind() == 1) {
        open.remove(e.id());
      } else if (mine && e.kind() == 2) {
        asked.putIfAbsent(e.id(), e);
      }
    }
    open.remove(except);
    asked.remove(except);
    assertThat(index.openGrants(policy, of, Set.of(except))).as(where).isEqualTo(open.size());
    assertThat(index.requestsAfter(policy, of, since, except))
        .as(where)
        .isEqualTo(asked.values().stream().filter(e -> e.at().isAfter(since)).count());
  }
}
