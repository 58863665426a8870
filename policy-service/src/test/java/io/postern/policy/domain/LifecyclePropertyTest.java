package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.GrantId;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The state machine over random histories, beside a slow and obvious model. */
class LifecyclePropertyTest {
  private static final int HISTORIES = 5_000;
  private static final int LENGTH = 80;

  /** One history as the state machine takes it. */
  private static final class Run {
    private final World world = new World();
    private final MemoryLedger ledger = new MemoryLedger();
    private final Lifecycle lifecycle = new Lifecycle(ledger, world);
    private final Map<GrantId, Integer> numbers = new HashMap<>();
    private final boolean approval;
    private final Optional<Duration> longest;
    private Instant now = World.NOON;

    Run(boolean approval, Optional<Duration> longest) {
      this.approval = approval;
      this.longest = longest;
      for (int n = 0; n < 8; n++) {
        numbers.put(GrantId.of(request(n), World.MACHINE), n);
      }
      policy(true);
    }

    private static RequestId request(int number) {
      return new RequestId(new UUID(1, number));
    }

    private static GrantId grant(int number) {
      return GrantId.of(request(number), World.MACHINE);
    }

    private void policy(boolean present) {
      world.policies.clear();
      if (present) {
        world.policies.add(
            World.policy(
                Terms.approvalAndExtension(
                    approval ? Optional.of(World.twoLevels()) : Optional.empty(), longest)));
      }
    }

    List<String> take(History.Step step) {
      int before = ledger.said().size();
      switch (step) {
        case History.Ask a ->
            ledger.apply(
                lifecycle.ask(
                    World.request(a.number(), History.person(a.who()), a.source(), a.start(), now),
                    now));
        case History.Vote v -> ledger.apply(lifecycle.wish(vote(v), now));
        case History.Revoke r ->
            ledger.apply(
                lifecycle.wish(
                    new Wish.Revocation(
                        r.eventId(), grant(r.number()), World.MACHINE, History.person(r.who())),
                    now));
        case History.Extend x ->
            ledger.apply(
                lifecycle.wish(
                    new Wish.Extension(
                        x.eventId(),
                        grant(x.number()),
                        World.MACHINE,
                        History.person(x.who()),
                        x.by(),
                        Optional.empty()),
                    now));
        case History.Expired e ->
            ledger.apply(lifecycle.expired(World.MACHINE, grant(e.number()), e.end()));
        case History.Closed c -> ledger.apply(lifecycle.closed(World.MACHINE, grant(c.number())));
        case History.Wait w -> {
          now = now.plus(w.time());
          ledger.due(now).forEach(p -> ledger.apply(lifecycle.timeUp(p, now)));
        }
        case History.PolicyChange p -> {
          policy(p.present());
          ledger.all().forEach(g -> ledger.apply(lifecycle.reconsider(g)));
          ledger.waiting().forEach(w -> ledger.apply(lifecycle.reconsider(w, now)));
        }
      }
      List<Outcome> said = ledger.said();
      return said.subList(before, said.size()).stream().map(this::told).toList();
    }

    private static Wish.Vote vote(History.Vote v) {
      return new Wish.Vote(
          v.eventId(),
          request(v.number()),
          World.MACHINE,
          v.rightDigest() ? "digest-" + v.number() : "another",
          History.person(v.who()),
          v.yes(),
          Optional.empty());
    }

    private String told(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Granted g ->
            "granted %d %s until %s"
                .formatted(
                    numbers.get(g.grant().id()),
                    g.approvals().stream().map(a -> a.approver().subject()).toList(),
                    g.grant().expiresAt());
        case Outcome.Denied d ->
            "denied %d %s"
                .formatted(
                    numbers.get(d.request().grantId()),
                    d.decision().checks().stream()
                        .filter(c -> c.result() == Check.Result.FAILED)
                        .findFirst()
                        .orElseThrow()
                        .code());
        case Outcome.Waits w ->
            "waits %d %d"
                .formatted(numbers.get(w.pending().request().grantId()), w.pending().level());
        case Outcome.Ended e ->
            "ended %d %s".formatted(numbers.get(e.grant().id()), e.grant().end().orElseThrow());
        case Outcome.Extended e ->
            "extended %d until %s".formatted(numbers.get(e.grant().id()), e.grant().expiresAt());
        case Outcome.Noted n ->
            "noted %d %s"
                .formatted(numbers.get(n.grant().id()), n.grant().isRunning() ? "runs" : "over");
        case Outcome.BreakGlassUsed b -> "break-glass";
        case Outcome.Reviewed r -> "reviewed";
        case Outcome.Refused r -> "refused " + r.wish().eventId() + " " + r.code();
        case Outcome.Answered a -> "";
        case Outcome.Holds h -> "";
        case Outcome.Withdrawn w -> "";
        case Outcome.Votes v -> "";
        case Outcome.Tallied t -> "";
        case Outcome.Settles s -> "";
      };
    }
  }

  @Test
  void doesWhatTheModelSaysAndKeepsTheInvariants() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      boolean approval = random.nextInt(3) > 0;
      Optional<Duration> longest =
          random.nextBoolean() ? Optional.of(Duration.ofMinutes(45)) : Optional.empty();
      Run run = new Run(approval, longest);
      NaiveModel model = new NaiveModel(approval, longest);
      List<History.Step> history = History.random(random, LENGTH);
      for (int s = 0; s < history.size(); s++) {
        History.Step step = history.get(s);
        assertThat(run.take(step))
            .as("seed %d, history %d, step %d: %s of %s", seed, i, s, step, history)
            .containsExactlyInAnyOrderElementsOf(model.take(step));
      }
      run.take(new History.Wait(Duration.ofHours(2)));
      assertOneFinalDecisionEach(run, history, "seed " + seed + ", history " + i);
      assertReplayChangesNothing(run, history, "seed " + seed + ", history " + i);
    }
  }

  private static void assertOneFinalDecisionEach(
      Run run, List<History.Step> history, String where) {
    List<GrantId> decided = new ArrayList<>();
    for (Outcome outcome : run.ledger.said()) {
      if (outcome instanceof Outcome.Granted g) {
        decided.add(g.grant().id());
      } else if (outcome instanceof Outcome.Denied d) {
        decided.add(d.request().grantId());
      }
    }
    List<GrantId> asked =
        history.stream()
            .filter(History.Ask.class::isInstance)
            .map(s -> Run.grant(((History.Ask) s).number()))
            .distinct()
            .toList();
    assertThat(decided).as(where).containsExactlyInAnyOrderElementsOf(asked);
  }

  // Only what is the same however often it is said: not the passing of time, not policies.
  private static void assertReplayChangesNothing(
      Run run, List<History.Step> history, String where) {
    List<Grant> before = run.ledger.all();
    int said = run.ledger.said().size();
    history.stream()
        .filter(
            s ->
                s instanceof History.Ask
                    || s instanceof History.Vote
                    || s instanceof History.Revoke
                    || s instanceof History.Extend)
        .forEach(run::take);
    assertThat(run.ledger.all()).as(where).containsExactlyInAnyOrderElementsOf(before);
    assertThat(run.ledger.said()).as(where).hasSize(said);
  }
}
