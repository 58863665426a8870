package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.BreakGlass;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The state machine over random histories, beside a slow and obvious model. */
class LifecyclePropertyTest {
  private static final int HISTORIES = 5_000;
  private static final int LENGTH = 80;

  /** One history as the state machine takes it. */
  private static final class Run {
    private final World world = new World();
    private final ToldLedger ledger = new ToldLedger();
    private final Lifecycle lifecycle = new Lifecycle(ledger, world);
    private final Map<GrantId, Integer> numbers = new HashMap<>();
    private final List<NaiveModel.Rules> rules;
    private Instant now = World.NOON;

    Run(List<NaiveModel.Rules> rules) {
      this.rules = rules;
      world.conditions =
          (policy, request, machine, at) ->
              at.atZone(ZoneOffset.UTC).getMinute() < 45 ? Optional.empty() : Optional.of("late");
      for (int n = 0; n < History.CASES.size(); n++) {
        numbers.put(grant(n), n);
      }
      for (int m = 0; m < rules.size(); m++) {
        put(m, true, false);
      }
    }

    private static RequestId request(int number) {
      return new RequestId(new UUID(1, number));
    }

    private static MachineId machine(int number) {
      return World.MACHINES.get(History.CASES.get(number).machine());
    }

    private static GrantId grant(int number) {
      return GrantId.of(request(number), machine(number));
    }

    private static AccessRequest asked(History.Ask a, Instant at) {
      History.Subject c = History.CASES.get(a.number());
      return World.on(
          machine(a.number()),
          World.request(a.number(), History.person(c.who()), c.source(), a.start(), at),
          c.emergency());
    }

    private void put(int machine, boolean present, boolean denies) {
      String name = "p" + machine;
      world.policies.removeIf(
          p -> p.id().value().equals(name) || p.id().value().equals("no" + name));
      if (present) {
        world.policies.add(policy(name, machine, List.of(), Set.of("sre"), terms(machine)));
      }
      if (denies) {
        world.policies.add(
            policy("no" + name, machine, List.of(Cidr.parse(History.FAR)), Set.of(), Terms.DENY));
      }
    }

    private PolicyTerms terms(int machine) {
      NaiveModel.Rules r = rules.get(machine);
      return new PolicyTerms(
          false,
          r.approval() ? Optional.of(World.twoLevels()) : Optional.empty(),
          r.longest(),
          r.hour() ? Terms.window(DayOfWeek.MONDAY, "12:00", "13:00").windows() : List.of(),
          r.minutes() ? Optional.of("not late in the hour") : Optional.empty(),
          Optional.of(new BreakGlass(Set.of("oncall"), Set.of(), Duration.ofHours(1))));
    }

    private static Policy policy(
        String name, int machine, List<Cidr> sources, Set<String> groups, PolicyTerms terms) {
      Policy like = World.policy(PolicyTerms.NONE);
      return new Policy(
          new PolicyId(name),
          1,
          List.of(new MachineSelector.ById(World.MACHINES.get(machine))),
          List.of(new PortRule(PortSpec.tcp(22), sources, Duration.ofHours(3))),
          groups,
          Set.of(),
          false,
          Optional.empty(),
          like.existingRules(),
          like.sharedGroups(),
          32,
          128,
          terms);
    }

    List<String> take(History.Step step) {
      int before = ledger.said().size();
      switch (step) {
        case History.Ask a -> ledger.apply(lifecycle.ask(asked(a, now), now));
        case History.Vote v -> ledger.apply(lifecycle.wish(vote(v), now));
        case History.Revoke r ->
            ledger.apply(
                lifecycle.wish(
                    new Wish.Revocation(
                        r.eventId(),
                        grant(r.number()),
                        machine(r.number()),
                        History.person(r.who())),
                    now));
        case History.Extend x ->
            ledger.apply(
                lifecycle.wish(
                    new Wish.Extension(
                        x.eventId(),
                        grant(x.number()),
                        machine(x.number()),
                        History.person(x.who()),
                        x.by(),
                        Optional.empty()),
                    now));
        case History.Review r ->
            ledger.apply(
                lifecycle.wish(
                    new Wish.Review(
                        r.eventId(),
                        grant(r.number()),
                        machine(r.number()),
                        History.person(r.who()),
                        Optional.empty()),
                    now));
        case History.Expired e ->
            ledger.apply(lifecycle.expired(machine(e.number()), grant(e.number()), e.end()));
        case History.Closed c ->
            ledger.apply(lifecycle.closed(machine(c.number()), grant(c.number())));
        case History.Wait w -> {
          now = now.plus(w.time());
          ledger.due(now).forEach(p -> ledger.apply(lifecycle.timeUp(p, now)));
        }
        case History.PolicyChange p -> {
          put(p.machine(), p.present(), p.denies());
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
          machine(v.number()),
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
        case Outcome.BreakGlassUsed b -> "break-glass " + numbers.get(b.use().grant());
        case Outcome.Reviewed r -> "reviewed " + numbers.get(r.use().grant());
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

  private static NaiveModel.Rules rules(Random random) {
    return new NaiveModel.Rules(
        random.nextInt(3) > 0,
        random.nextBoolean() ? Optional.of(Duration.ofMinutes(45)) : Optional.empty(),
        random.nextInt(4) == 0,
        random.nextInt(4) == 0);
  }

  @Test
  void doesWhatTheModelSaysAndKeepsTheInvariants() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      List<NaiveModel.Rules> rules = World.MACHINES.stream().map(m -> rules(random)).toList();
      Run run = new Run(rules);
      NaiveModel model = new NaiveModel(rules);
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
                    || s instanceof History.Extend
                    || s instanceof History.Review)
        .forEach(run::take);
    assertThat(run.ledger.all()).as(where).containsExactlyInAnyOrderElementsOf(before);
    assertThat(run.ledger.said()).as(where).hasSize(said);
  }
}
