package io.postern.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * All-or-nothing requests over random histories: messages between partitions come late, out of
 * order and twice, policies come and go, people approve, refuse and withdraw. In the end each
 * machine has one decision, and all machines of a request have the same.
 */
class TogetherPropertyTest {
  private static final int HISTORIES = 3_000;
  private static final Requestor ALICE = World.person("alice", "sre");

  private static MachineId numbered(int number) {
    return new MachineId(
        "arn:aws:ec2:eu-west-%d:123456789012:instance/i-0aaaaaaaaaaaaaad%d"
            .formatted(number + 1, number));
  }

  /** Machines that are all known; policy n is for machine n. */
  private static final class Machines implements Setting {
    private final Map<Integer, PolicyTerms> terms = new HashMap<>();

    @Override
    public Collection<Policy> currentPolicies() {
      List<Policy> all = new ArrayList<>();
      terms.forEach(
          (n, t) -> {
            Policy p = World.policy(t);
            all.add(
                new Policy(
                    new PolicyId("p" + n),
                    1,
                    List.of(new MachineSelector.ById(numbered(n))),
                    p.ports(),
                    Set.of("sre"),
                    Set.of(),
                    false,
                    Optional.empty(),
                    p.existingRules(),
                    p.sharedGroups(),
                    32,
                    128,
                    t));
          });
      return all;
    }

    @Override
    public Optional<MachineFacts> machine(MachineId id) {
      return Optional.of(MachineFacts.unseen(id));
    }

    @Override
    public OperatorBounds bounds() {
      return OperatorBounds.DEFAULT;
    }

    @Override
    public Conditions conditions() {
      return Conditions.NONE;
    }

    @Override
    public boolean isAdmin(Requestor person) {
      return false;
    }
  }

  private static final class Run {
    private final Random random;
    private final Machines machines = new Machines();
    private final ToldLedger ledger = new ToldLedger();
    private final Lifecycle lifecycle = new Lifecycle(ledger, machines);
    private final List<Runnable> onTheWay = new ArrayList<>();
    private final List<AccessRequest> parts = new ArrayList<>();
    private Instant now = World.NOON;
    private int wishes;
    private int toldWhileWaiting;
    private int stillWaiting;

    Run(Random random) {
      this.random = random;
      int count = 2 + random.nextInt(3);
      List<MachineId> together = new ArrayList<>();
      for (int n = 0; n < count; n++) {
        together.add(numbered(n));
        machines.terms.put(n, terms());
      }
      AccessRequest one = World.request(1, ALICE, "203.0.113.1", World.NOON);
      for (MachineId m : together) {
        parts.add(
            new AccessRequest(
                one.id(),
                m,
                ALICE,
                one.ports(),
                one.sources(),
                Optional.empty(),
                one.duration(),
                Optional.empty(),
                false,
                one.submittedAt(),
                one.digest(),
                List.of(),
                together));
      }
      parts.forEach(p -> send(() -> lifecycle.ask(p, now)));
    }

    private PolicyTerms terms() {
      return random.nextInt(4) == 0 ? Terms.approval(World.twoLevels()) : PolicyTerms.NONE;
    }

    /** It comes at some time, and perhaps once more. */
    private void send(Supplier<List<Outcome>> message) {
      sendRunning(() -> apply(message.get()));
    }

    private void sendRunning(Runnable message) {
      for (int copies = random.nextInt(4) == 0 ? 2 : 1; copies > 0; copies--) {
        onTheWay.add(message);
      }
    }

    private void apply(List<Outcome> outcomes) {
      ledger.apply(outcomes, now);
      ledger.takeBallots().forEach(b -> send(() -> lifecycle.count(b, now)));
      ledger.takeTold().forEach(t -> sendRunning(() -> hear(t)));
    }

    /** Who is told no does not go on waiting for approvals. */
    private void hear(MemoryLedger.Told t) {
      GrantId id = GrantId.of(t.settlement().request(), t.machine());
      boolean waited = ledger.pending(t.machine(), id).isPresent();
      apply(lifecycle.settled(t.machine(), id, t.settlement()));
      if (!t.settlement().granted()) {
        toldWhileWaiting += waited ? 1 : 0;
        stillWaiting += ledger.pending(t.machine(), id).isPresent() ? 1 : 0;
      }
    }

    private void deliver() {
      if (!onTheWay.isEmpty()) {
        onTheWay.remove(random.nextInt(onTheWay.size())).run();
      }
    }

    void step() {
      AccessRequest part = parts.get(random.nextInt(parts.size()));
      String id = "w" + wishes++;
      switch (random.nextInt(14)) {
        case 0 -> vote(part, id, World.person("lena", "leads"), random.nextInt(6) > 0);
        case 1 -> vote(part, id, World.person("sam", "security"), true);
        case 2 -> {
          if (random.nextInt(6) == 0) {
            apply(
                lifecycle.wish(
                    new Wish.Revocation(id, part.grantId(), part.machine(), ALICE), now));
          }
        }
        case 3 -> {
          int n = random.nextInt(parts.size());
          if (random.nextInt(4) == 0) {
            machines.terms.remove(n);
          } else {
            machines.terms.put(n, terms());
          }
          reconsider();
        }
        case 4 -> pass(Duration.ofMinutes(random.nextInt(20)));
        default -> deliver();
      }
    }

    private void vote(AccessRequest part, String id, Requestor by, boolean yes) {
      apply(
          lifecycle.wish(
              new Wish.Vote(
                  id, part.id(), part.machine(), part.digest(), by, yes, Optional.empty()),
              now));
    }

    private void reconsider() {
      ledger.waiting().forEach(w -> apply(lifecycle.reconsider(w, now)));
      ledger.allHeld().forEach(h -> apply(lifecycle.reconsider(h, now)));
      ledger.all().forEach(g -> apply(lifecycle.reconsider(g)));
    }

    private void pass(Duration time) {
      now = now.plus(time);
      ledger.due(now).forEach(p -> apply(lifecycle.timeUp(p, now)));
      ledger.allHeld().forEach(h -> apply(lifecycle.reconsider(h, now)));
      ledger.counting().forEach(b -> apply(lifecycle.timeUp(b, now)));
    }

    /** Everything arrives, and everybody's patience ends. */
    void end() {
      while (!onTheWay.isEmpty()) {
        deliver();
      }
      pass(Duration.ofHours(2));
      while (!onTheWay.isEmpty()) {
        deliver();
      }
    }
  }

  @Test
  void allMachinesHaveOneDecisionAndTheSame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int granted = 0;
    int toldWhileWaiting = 0;
    for (int history = 0; history < HISTORIES; history++) {
      Run run = new Run(random);
      for (int i = 0; i < 40; i++) {
        run.step();
      }
      run.end();
      String where = "seed " + seed + ", history " + history + ": " + run.ledger.said();
      long yes = run.ledger.said().stream().filter(Outcome.Granted.class::isInstance).count();
      long no = run.ledger.said().stream().filter(Outcome.Denied.class::isInstance).count();
      assertThat(yes + no).as(where).isEqualTo(run.parts.size());
      assertThat(yes == 0 || no == 0).as(where).isTrue();
      assertThat(run.ledger.allHeld()).as(where).isEmpty();
      assertThat(run.stillWaiting).as(where).isZero();
      granted += yes > 0 ? 1 : 0;
      toldWhileWaiting += run.toldWhileWaiting;
    }
    // Neither is rare.
    assertThat(granted).isBetween(HISTORIES / 20, HISTORIES * 19 / 20);
    assertThat(toldWhileWaiting).isGreaterThan(HISTORIES / 20);
  }
}
