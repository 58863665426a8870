package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyTerms;
import io.postern.model.Quota;
import io.postern.model.Quotas;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import io.postern.policy.domain.Rehearsal.Compared;
import io.postern.policy.domain.Rehearsal.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rehearsals of random histories with quotas, extensions, early ends and approvals. */
class RehearsalPropertyTest {
  private static final int HISTORIES = Integer.getInteger("postern.rehearsal.histories", 1_000);
  private static final int LENGTH = 60;
  private static final Requestor LENA = World.person("lena", "leads");
  private static final List<Requestor> PEOPLE =
      List.of(World.person("alice", "sre"), World.person("bob", "sre"), World.person("eve", "dev"));

  /** Something that happens; things are named by the number of the request. */
  private sealed interface Step {
    Instant at();

    record Ask(Instant at, AccessRequest request) implements Step {}

    record Extend(Instant at, int request, Requestor by, Duration longer) implements Step {}

    record End(Instant at, int request) implements Step {}

    record Vote(Instant at, int request) implements Step {}
  }

  /** What is on the log of a history, under one policy from its beginning to its end. */
  private static final class Log {
    private final World world = new World();
    private final ToldLedger ledger = new ToldLedger();
    private final Lifecycle lifecycle = new Lifecycle(ledger, world);
    private final List<AccessRequest> asked = new ArrayList<>();
    private final Map<GrantId, Instant> heldAt = new LinkedHashMap<>();
    private final Map<GrantId, Past.Given> given = new HashMap<>();
    private final Map<GrantId, List<Approval>> approvals = new HashMap<>();
    private final Map<GrantId, Past.Counted> counted = new HashMap<>();
    private final Map<GrantId, Verdict> verdicts = new HashMap<>();
    private final List<Past> moved = new ArrayList<>();
    private final List<PastExtension> extensions = new ArrayList<>();
    private final List<Past> ended = new ArrayList<>();

    Log(Policy policy) {
      world.policies.add(policy);
    }

    void take(Step step) {
      Instant now = step.at();
      timePasses(now);
      switch (step) {
        case Step.Ask a -> {
          asked.add(a.request());
          heldAt.put(a.request().grantId(), now);
          apply(lifecycle.ask(a.request(), now), now);
        }
        case Step.Extend x -> {
          AccessRequest r = asked.get(x.request());
          Wish.Extension wish =
              new Wish.Extension(
                  "x" + now, r.grantId(), r.machine(), x.by(), x.longer(), Optional.empty());
          apply(lifecycle.wish(wish, now), now);
        }
        case Step.End e -> {
          AccessRequest r = asked.get(e.request());
          apply(
              lifecycle.wish(
                  new Wish.Revocation("r" + now, r.grantId(), r.machine(), r.requestor()), now),
              now);
        }
        case Step.Vote v -> {
          AccessRequest r = asked.get(v.request());
          apply(
              lifecycle.wish(
                  new Wish.Vote(
                      "v" + now, r.id(), r.machine(), r.digest(), LENA, true, Optional.empty()),
                  now),
              now);
        }
      }
    }

    private void timePasses(Instant now) {
      ledger.all().stream()
          .filter(g -> g.isRunning() && !g.expiresAt().isAfter(now))
          .forEach(
              g -> apply(lifecycle.expired(g.machine(), g.id(), g.expiresAt()), g.expiresAt()));
      ledger.due(now).forEach(p -> apply(lifecycle.timeUp(p, now), now));
    }

    private void apply(List<Outcome> outcomes, Instant now) {
      for (Outcome each : outcomes) {
        switch (each) {
          case Outcome.Granted g -> {
            GrantId id = g.grant().id();
            verdicts.put(id, Verdict.GRANTED);
            approvals.computeIfAbsent(id, k -> new ArrayList<>()).addAll(g.approvals());
            given.put(id, new Past.Given(g.request(), g.decision(), now));
          }
          case Outcome.Denied d -> {
            List<Check> failed =
                d.decision().checks().stream()
                    .filter(c -> c.result() == Check.Result.FAILED)
                    .toList();
            boolean wants = failed.stream().anyMatch(c -> c.name().equals("approval"));
            verdicts.put(d.request().grantId(), wants ? Verdict.WAITS : Verdict.DENIED);
            if (failed.stream().anyMatch(c -> c.code() == ErrorCode.WITHDRAWN)) {
              ended.add(new Past.Ended(d.request().machine(), d.request().grantId(), now));
            }
          }
          case Outcome.Waits w -> {
            AccessRequest r = w.pending().request();
            verdicts.put(r.grantId(), Verdict.WAITS);
            counted.putIfAbsent(
                r.grantId(),
                new Past.Counted(r.grantId(), w.pending().policy(), Owner.of(r.requestor()), now));
          }
          case Outcome.Extended e -> {
            extensions.add(new PastExtension(e.wish(), now, Verdict.GRANTED));
            moved.add(
                new Past.Moved(e.grant().machine(), e.grant().id(), e.grant().expiresAt(), now));
          }
          case Outcome.Refused r -> {
            if (r.wish() instanceof Wish.Extension wish) {
              extensions.add(new PastExtension(wish, now, Verdict.DENIED));
            }
            if (r.wish() instanceof Wish.Vote vote && r.code() == Refusal.ALREADY_DECIDED) {
              approvals
                  .computeIfAbsent(vote.grant(), k -> new ArrayList<>())
                  .add(new Approval(vote.by(), now, vote.reason()));
            }
          }
          case Outcome.Ended e -> {
            if (e.grant().end().orElseThrow() != Grant.End.NEWER_REQUEST_INITIATED) {
              ended.add(new Past.Ended(e.grant().machine(), e.grant().id(), now));
            }
          }
          default -> {
            // Told otherwise.
          }
        }
      }
      ledger.apply(outcomes, now);
    }

    /** As a rehearsal finds it: what was asked since is decided again. */
    List<Past> since(Instant since) {
      List<Past> all = new ArrayList<>();
      for (AccessRequest r : asked) {
        Instant held = Objects.requireNonNull(heldAt.get(r.grantId()));
        if (held.isBefore(since)) {
          Optional.ofNullable(given.get(r.grantId())).ifPresent(all::add);
          Optional.ofNullable(counted.get(r.grantId())).ifPresent(all::add);
        } else {
          all.add(
              new PastRequest(
                  r,
                  held,
                  approvals.getOrDefault(r.grantId(), List.of()),
                  Objects.requireNonNull(verdicts.get(r.grantId())),
                  List.of()));
        }
      }
      moved.stream().filter(m -> m.at().isBefore(since)).forEach(all::add);
      extensions.stream().filter(x -> !x.at().isBefore(since)).forEach(all::add);
      all.addAll(ended);
      return all;
    }
  }

  /** What quotas and extensions come to, told the long way; shares no code with the above. */
  private static final class Slow {
    private static final class Lent {
      private final AccessRequest request;
      private final Instant start;
      private Instant end;

      Lent(AccessRequest request, Instant start) {
        this.request = request;
        this.start = start;
        this.end = start.plus(request.duration());
      }
    }

    private final Quotas quotas;
    private final Optional<Duration> longest;
    private final List<Lent> lent = new ArrayList<>();
    private final Map<AccessRequest, Instant> counted = new HashMap<>();

    Slow(Quotas quotas, Optional<Duration> longest) {
      this.quotas = quotas;
      this.longest = longest;
    }

    boolean ask(AccessRequest r, Instant now) {
      Instant start = start(r, now);
      List<Lent> replaced = replaced(r, start, now);
      return r.requestor().groups().contains("sre")
          && hasRoom(quotas.perRequestor(), Optional.of(r.requestor()), replaced, now)
          && hasRoom(quotas.total(), Optional.empty(), replaced, now);
    }

    private static Instant start(AccessRequest r, Instant now) {
      return r.startAt().isPresent() && r.startAt().get().isAfter(now) ? r.startAt().get() : now;
    }

    private List<Lent> replaced(AccessRequest r, Instant start, Instant now) {
      return lent.stream()
          .filter(
              l ->
                  l.end.isAfter(now)
                      && l.request.requestor().equals(r.requestor())
                      && l.request.machine().equals(r.machine())
                      && l.request.sources().equals(r.sources())
                      && start.isBefore(l.end)
                      && l.start.isBefore(start.plus(r.duration())))
          .toList();
    }

    private boolean hasRoom(
        Quota quota, Optional<Requestor> whose, List<Lent> replaced, Instant now) {
      long open =
          lent.stream()
              .filter(l -> l.end.isAfter(now) && !replaced.contains(l))
              .filter(l -> whose.isEmpty() || l.request.requestor().equals(whose.get()))
              .count();
      long recent =
          counted.entrySet().stream()
              .filter(e -> e.getValue().isAfter(now.minus(Duration.ofHours(1))))
              .filter(e -> whose.isEmpty() || e.getKey().requestor().equals(whose.get()))
              .count();
      return open < quota.openGrants().orElse(Integer.MAX_VALUE)
          && recent < quota.requestsPerHour().orElse(Integer.MAX_VALUE);
    }

    void lend(AccessRequest r, Instant now) {
      Instant start = start(r, now);
      replaced(r, start, now).forEach(l -> l.end = now);
      lent.add(new Lent(r, start));
      counted.put(r, now);
    }

    boolean extend(AccessRequest r, Requestor by, Duration longer, Instant now) {
      return lent.stream()
          .anyMatch(
              l ->
                  l.request == r
                      && l.end.isAfter(now)
                      && by.equals(r.requestor())
                      && longest.isPresent()
                      && !l.end.plus(longer).isAfter(l.start.plus(longest.get())));
    }

    void lengthen(AccessRequest r, Duration longer) {
      lent.stream().filter(l -> l.request == r).forEach(l -> l.end = l.end.plus(longer));
    }

    void end(AccessRequest r, Instant now) {
      lent.stream().filter(l -> l.request == r && l.end.isAfter(now)).forEach(l -> l.end = now);
    }
  }

  private static List<Step> history(Random random, boolean votes) {
    List<Step> steps = new ArrayList<>();
    int asked = 0;
    Instant now = World.NOON;
    for (int i = 0; i < LENGTH; i++) {
      // Never two at once: which of them was first is not on the log.
      now = now.plusSeconds(1 + random.nextInt(900)).plusNanos(1_000L * (1 + random.nextInt(999)));
      int kind = random.nextInt(votes ? 12 : 9);
      if (asked == 0 || kind < 5) {
        steps.add(new Step.Ask(now, request(random, asked++, now)));
      } else {
        int number = Math.max(0, asked - 1 - random.nextInt(5));
        Requestor by = PEOPLE.get(random.nextInt(2));
        steps.add(
            switch (kind) {
              case 5, 6, 7 ->
                  new Step.Extend(now, number, by, Duration.ofMinutes(5 + random.nextInt(30)));
              case 8 -> new Step.End(now, number);
              default -> new Step.Vote(now, number);
            });
      }
    }
    return steps;
  }

  private static AccessRequest request(Random random, int number, Instant now) {
    AccessRequest like =
        World.request(
            number,
            PEOPLE.get(random.nextInt(8) == 0 ? 2 : random.nextInt(2)),
            "203.0.113." + (1 + random.nextInt(3)),
            random.nextInt(5) == 0
                ? Optional.of(now.plusSeconds(random.nextInt(3_600)))
                : Optional.empty(),
            now);
    MachineId machine = World.MACHINES.get(random.nextInt(World.MACHINES.size()));
    return new AccessRequest(
        like.id(),
        machine,
        like.requestor(),
        like.ports(),
        like.sources(),
        like.startAt(),
        Duration.ofMinutes(5 + random.nextInt(115)),
        Optional.empty(),
        false,
        now,
        like.digest());
  }

  private static OptionalInt some(Random random, int most) {
    return random.nextInt(3) == 0 ? OptionalInt.empty() : OptionalInt.of(1 + random.nextInt(most));
  }

  private static Quotas quotas(Random random) {
    return new Quotas(
        new Quota(some(random, 3), some(random, 4)), new Quota(some(random, 5), some(random, 6)));
  }

  private static Optional<Duration> longest(Random random) {
    return random.nextInt(4) == 0
        ? Optional.empty()
        : Optional.of(Duration.ofMinutes(30 + random.nextInt(150)));
  }

  private static Policy policy(boolean approval, Optional<Duration> longest, Quotas quotas) {
    Optional<ApprovalRule> lead =
        approval
            ? Optional.of(
                new ApprovalRule(
                    List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)),
                    Duration.ofHours(1)))
            : Optional.empty();
    Policy web = World.policy(PolicyTerms.NONE);
    return new Policy(
        web.id(),
        1,
        World.MACHINES.stream().<MachineSelector>map(MachineSelector.ById::new).toList(),
        web.ports(),
        web.requestorGroups(),
        Set.of(),
        false,
        Optional.empty(),
        web.existingRules(),
        web.sharedGroups(),
        32,
        128,
        new PolicyTerms(false, lead, longest, List.of(), Optional.empty(), Optional.empty())
            .withQuotas(quotas));
  }

  private static List<Compared> rehearsed(Log log, Policy changed, Instant since) {
    World world = log.world;
    return new Rehearsal(world::machine, world.policies, OperatorBounds.DEFAULT, Conditions.NONE)
        .of(changed, log.since(since));
  }

  private static Supplier<String> where(long seed, int i, Policy policy, List<Step> history) {
    return () -> "seed %d, history %d: %s of %s".formatted(seed, i, policy.terms(), history);
  }

  private static Instant since(Random random, List<Step> history) {
    return history.get(random.nextInt(history.size())).at();
  }

  @Test
  void thePolicyThatWasInForceDecidesAsWasDecided() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int granted = 0;
    int extended = 0;
    int refused = 0;
    for (int i = 0; i < HISTORIES; i++) {
      Policy policy = policy(random.nextBoolean(), longest(random), quotas(random));
      List<Step> history = history(random, policy.terms().approval().isPresent());
      Log log = new Log(policy);
      history.forEach(log::take);
      List<Compared> all = rehearsed(log, policy, since(random, history));
      Supplier<String> where = where(seed, i, policy, history);
      for (Compared each : all) {
        assertThat(each)
            .as(where)
            .satisfies(c -> assertThat(c.effect()).isEqualTo(Effect.STAYS))
            .satisfies(c -> assertThat(c.now().verdict()).isEqualTo(c.past().verdict()));
        boolean yes = each.past().verdict() == Verdict.GRANTED;
        boolean extension = each.past() instanceof PastExtension;
        granted += yes && !extension ? 1 : 0;
        extended += yes && extension ? 1 : 0;
        refused += each.now().why().startsWith("quota: ") ? 1 : 0;
      }
    }
    assertThat(List.of(granted, extended, refused))
        .allSatisfy(n -> assertThat(n).isGreaterThan(HISTORIES / 4));
  }

  @Test
  void otherQuotasAndLimitsTurnWhatTheModelSays() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int turned = 0;
    for (int i = 0; i < HISTORIES; i++) {
      Log log = new Log(policy(false, longest(random), quotas(random)));
      List<Step> history = history(random, false);
      history.forEach(log::take);
      Instant since = since(random, history);
      Policy changed = policy(false, longest(random), quotas(random));
      Map<Instant, Verdict> expected =
          expected(
              log, history, since, changed.terms().quotas(), changed.terms().longestExtended());
      List<Compared> all = rehearsed(log, changed, since);
      Supplier<String> where = where(seed, i, changed, history);
      assertThat(all.stream().map(c -> c.past().at()).sorted().toList())
          .as(where)
          .containsExactlyElementsOf(
              expected.keySet().stream().sorted(Comparator.naturalOrder()).toList());
      for (Compared each : all) {
        Verdict says = expected.get(each.past().at());
        assertThat(each.changed().verdict()).as(where).isEqualTo(says);
        assertThat(each.effect())
            .as(where)
            .isEqualTo(says == each.past().verdict() ? Effect.STAYS : Effect.TURNS);
        turned += each.effect() == Effect.TURNS ? 1 : 0;
      }
    }
    assertThat(turned).isGreaterThan(HISTORIES);
  }

  /** By when it was answered; what was answered before counts as it was. */
  private static Map<Instant, Verdict> expected(
      Log log, List<Step> history, Instant since, Quotas quotas, Optional<Duration> longest) {
    Slow slow = new Slow(quotas, longest);
    Map<Instant, Verdict> all = new HashMap<>();
    Set<Instant> agreed = log.moved.stream().map(Past::at).collect(Collectors.toSet());
    for (Step step : history) {
      Instant now = step.at();
      boolean before = now.isBefore(since);
      switch (step) {
        case Step.Ask a -> {
          AccessRequest r = a.request();
          boolean yes = before ? log.given.containsKey(r.grantId()) : slow.ask(r, now);
          if (yes) {
            slow.lend(r, now);
          }
          if (!before) {
            all.put(now, yes ? Verdict.GRANTED : Verdict.DENIED);
          }
        }
        case Step.Extend x -> {
          AccessRequest r = log.asked.get(x.request());
          boolean yes = before ? agreed.contains(now) : slow.extend(r, x.by(), x.longer(), now);
          if (yes) {
            slow.lengthen(r, x.longer());
          }
          if (!before) {
            all.put(now, yes ? Verdict.GRANTED : Verdict.DENIED);
          }
        }
        case Step.End e -> {
          AccessRequest r = log.asked.get(e.request());
          // Only what really ended is on the log.
          if (log.ended.stream().anyMatch(p -> p.at().equals(now))) {
            slow.end(r, now);
          }
        }
        case Step.Vote v -> throw new IllegalStateException("nobody is asked to approve");
      }
    }
    return all;
  }
}
