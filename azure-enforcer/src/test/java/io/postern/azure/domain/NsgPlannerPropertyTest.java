package io.postern.azure.domain;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.done;
import static io.postern.azure.Samples.facts;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.NaiveNsg;
import io.postern.azure.RandomCase;
import io.postern.azure.RandomCase.Probe;
import io.postern.azure.Samples;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Laws that hold for every group, policy and grant. */
class NsgPlannerPropertyTest {
  private static final int LAWS = 6;
  private static final int CROWDED_ONE_IN = 10;
  private static final int SHARED_ONE_IN = 40;
  private static final int CASES = Integer.getInteger("postern.cases", 10_000) / LAWS;
  private static final List<MachineFacts> MACHINES =
      List.of(facts("a", "10.1.0.4"), facts("b", "10.1.0.5"), facts("c", "10.1.0.6"));

  private final long seed = Long.getLong("postern.seed", System.nanoTime());

  private interface Law {
    void check(RandomCase one, String where);
  }

  private void always(Law law) {
    LongStream.range(seed, seed + CASES)
        .parallel()
        .forEach(s -> law.check(new RandomCase(s, MACHINES), "-Dpostern.seed=" + s));
  }

  private static ObservedNsg settle(RuleSetIntent intent, ObservedNsg before, String where) {
    ObservedNsg nsg = before;
    for (int i = 0; i < 2; i++) {
      Plan<NsgStep> plan = NsgPlanner.plan(intent, nsg, MARKS);
      if (plan.steps().isEmpty()) {
        break;
      }
      assertThat(plan.before()).as(where).contains(RestorePoint.NOTHING);
      nsg = done(nsg, plan.steps());
      assertValid(nsg, where);
    }
    assertThat(NsgPlanner.plan(intent, nsg, MARKS).steps())
        .as(() -> where + " idempotent")
        .isEmpty();
    return nsg;
  }

  private static void assertValid(ObservedNsg nsg, String where) {
    Set<String> places = new HashSet<>();
    for (NsgRule r : nsg.rules()) {
      boolean valid =
          r.priority() >= 100
              && r.priority() <= 4096
              && places.add(r.inbound() + " " + r.priority())
              && r.description().length() <= 140
              && r.name().length() <= 80;
      if (!valid) {
        throw new AssertionError(where + " " + r);
      }
    }
  }

  private static List<NsgRule> foreign(ObservedNsg nsg) {
    return nsg.rules().stream().filter(r -> r.name().startsWith("theirs")).toList();
  }

  /** The model sorts for each packet, which is quick for what is sorted. */
  private static ObservedNsg inOrder(ObservedNsg nsg) {
    return new ObservedNsg(
        true,
        nsg.etag(),
        nsg.rules().stream().sorted(Comparator.comparingInt(NsgRule::priority)).toList());
  }

  private static void assertPackets(
      RandomCase one, ObservedNsg before, ObservedNsg after, String where) {
    assertPackets(one, one.intent(true, true), before, after, where);
  }

  private static void assertPackets(
      RandomCase one, RuleSetIntent intent, ObservedNsg from, ObservedNsg to, String where) {
    ObservedNsg before = inOrder(from);
    ObservedNsg after = inOrder(to);
    Plan<NsgStep> plan = NsgPlanner.plan(intent, after, MARKS);
    Assessment assessed = NsgAssessor.assess(intent, after, MARKS);
    for (Probe probe : RandomCase.probes(intent.machines())) {
      boolean was = NaiveNsg.passes(before.rules(), probe.packet());
      boolean is = NaiveNsg.passes(after.rules(), probe.packet());
      Supplier<String> as = () -> where + " " + probe + " in " + after.rules();
      boolean refused =
          plan.refusedLocks().containsKey(probe.machine().machine())
              || probe.machine().grants().stream()
                  .anyMatch(g -> plan.refusedGrants().containsKey(g.id()));
      if (!probe.locked()) {
        assertThat(is).as(as).isEqualTo(was);
      } else if (refused) {
        assertThat(is && !was && !probe.granted()).as(as).isFalse();
      } else if (probe.granted()) {
        assertThat(is).as(as).isTrue();
      } else if (one.override) {
        assertThat(is).as(as).isFalse();
      } else {
        // Only what somebody wrote keeps its way in; Azure's default rules do not.
        Optional<NsgRule> by = NaiveNsg.deciding(before.rules(), probe.packet());
        assertThat(is).as(as).isEqualTo(by.map(NsgRule::allows).orElse(false));
      }
      if (is && probe.locked() && !probe.granted() && !refused) {
        assertThat(assessed.locked().getOrDefault(probe.machine().machine(), List.of()))
            .as(() -> as.get() + " names the bypass")
            .anyMatch(
                b ->
                    b.rule()
                        .equals(
                            NaiveNsg.deciding(after.rules(), probe.packet()).orElseThrow().name()));
      }
    }
  }

  @Test
  void exactlyTheGrantedGetThroughAndNothingElseChanges() {
    always(
        (one, where) -> {
          ObservedNsg after = settle(one.intent(true, true), one.before, where);
          assertThat(foreign(after)).as(where).containsExactlyElementsOf(one.before.rules());
          assertPackets(one, one.before, after, where);
        });
  }

  @Test
  void lockGrantExpireUnlockIsIdentity() {
    always(
        (one, where) -> {
          ObservedNsg nsg = settle(one.intent(true, false), one.before, where);
          nsg = settle(one.intent(true, true), nsg, where);
          assertPackets(one, one.before, nsg, where);
          nsg = settle(one.intent(true, false), nsg, where);
          Assessment closed = NsgAssessor.assess(one.intent(true, false), nsg, MARKS);
          assertThat(closed.present()).as(where).isEmpty();
          RuleSetIntent lifted = one.intent(false, false);
          assertThat(NsgPlanner.plan(lifted, nsg, MARKS).after()).as(where).isEmpty();
          nsg = settle(lifted, nsg, where);
          assertThat(nsg.rules()).as(where).containsExactlyElementsOf(one.before.rules());
        });
  }

  @Test
  void assessmentAgreesWithThePackets() {
    always(
        (one, where) -> {
          RuleSetIntent intent = one.intent(true, true);
          ObservedNsg after = settle(intent, one.before, where);
          Plan<NsgStep> plan = NsgPlanner.plan(intent, after, MARKS);
          Assessment assessed = NsgAssessor.assess(intent, after, MARKS);
          one.wanted.stream()
              .flatMap(m -> m.grants().stream())
              .forEach(
                  g ->
                      assertThat(assessed.satisfied().contains(g.id()))
                          .as(() -> where + " " + g)
                          .isEqualTo(!plan.refusedGrants().containsKey(g.id())));
        });
  }

  @Test
  void overridesWhatAnotherHandAddsAndKeepsItWhenItGoes() {
    always(
        (one, where) -> {
          ObservedNsg nsg = settle(one.intent(true, true), one.before, where);
          Set<Integer> taken = new HashSet<>();
          nsg.rules().stream().filter(NsgRule::inbound).forEach(r -> taken.add(r.priority()));
          List<NsgRule> added =
              one.foreign(3, taken).stream().filter(r -> r.inbound() && r.allows()).toList();
          List<NsgRule> edited = new ArrayList<>(nsg.rules());
          edited.addAll(added);
          ObservedNsg after =
              settle(one.intent(true, true), new ObservedNsg(true, "", edited), where);
          if (one.override) {
            List<NsgRule> people = new ArrayList<>(one.before.rules());
            people.addAll(added);
            assertPackets(one, new ObservedNsg(true, "", people), after, where);
          }
          List<NsgRule> left = settle(one.intent(false, false), after, where).rules();
          assertThat(left).as(where).containsAll(one.before.rules()).containsAll(added);
          assertThat(left).as(where).hasSize(one.before.rules().size() + added.size());
        });
  }

  @Test
  void planningIsDeterministic() {
    always(
        (one, where) ->
            assertThat(NsgPlanner.plan(one.intent(true, true), one.before, MARKS))
                .as(where)
                .isEqualTo(NsgPlanner.plan(one.intent(true, true), one.before, Samples.MARKS)));
  }

  @Test
  void noGrantFitsThatNeedsMoreRulesThanAGroupIsSaidToHaveRoomFor() {
    AtomicInteger told = new AtomicInteger();
    always(
        (one, where) -> {
          Random random = new Random(where.hashCode());
          if (random.nextInt(CROWDED_ONE_IN) > 0) {
            return; // A crowded group takes a hundred times as long as another.
          }
          ObservedNsg nsg = settle(one.intent(true, true), crowded(one.before, random, 8), where);
          for (MachineIntent m : one.intent(true, true).machines()) {
            NsgRoom.of(Samples.nsgId("shared-nsg"), m, nsg, MARKS)
                .ifPresent(
                    shortage -> {
                      Grant grant = further(m, random);
                      if (needed(grant, shortage) > shortage.rulesLeft()) {
                        told.incrementAndGet();
                        RuleSetIntent asked = with(one.intent(true, true), grant);
                        assertThat(NsgPlanner.plan(asked, nsg, MARKS).refusedGrants())
                            .as(() -> where + " " + shortage)
                            .containsKey(grant.id());
                      }
                    });
          }
        });
    assertThat(told.get()).isGreaterThan(CASES / CROWDED_ONE_IN / 10);
  }

  @Test
  void whereRulesRunShortGrantsShareThemAndEachSourceGoesWithItsGrant() {
    AtomicInteger packed = new AtomicInteger();
    LongStream.range(seed, seed + CASES / SHARED_ONE_IN)
        .parallel()
        .forEach(s -> packed.addAndGet(shareAndPart(s, "-Dpostern.seed=" + s)));
    assertThat(packed.get()).isGreaterThan(CASES / SHARED_ONE_IN / 4);
  }

  /** How many states had rules that several share. */
  private static int shareAndPart(long seed, String where) {
    RandomCase one = new RandomCase(seed, MACHINES, 8);
    Random random = new Random(seed);
    ObservedNsg before = crowded(one.before, random, 6);
    RuleSetIntent all = one.intent(true, true);
    ObservedNsg nsg = settle(one.intent(true, false), before, where);
    Set<GrantId> live = new HashSet<>();
    Set<GrantId> open = Set.of();
    int packed = 0;
    for (int step = 0; step < 5; step++) {
      String at = where + " step " + step;
      all.machines().stream()
          .flatMap(m -> m.grants().stream())
          .map(Grant::id)
          .filter(g -> random.nextInt(3) == 0)
          .forEach(
              g -> {
                if (!live.remove(g)) {
                  live.add(g);
                }
              });
      RuleSetIntent intent = all.keeping(g -> live.contains(g.id()));
      nsg = settle(intent, nsg, at);
      assertThat(foreign(nsg)).as(at).containsExactlyElementsOf(before.rules());
      assertPackets(one, intent, before, nsg, at);
      Assessment assessed = NsgAssessor.assess(intent, nsg, MARKS);
      Set<GrantId> refused = NsgPlanner.plan(intent, nsg, MARKS).refusedGrants().keySet();
      for (MachineIntent m : all.machines()) {
        for (Grant g : m.grants()) {
          boolean wanted = live.contains(g.id());
          if (!refused.contains(g.id())) {
            // Of a refused grant one of two protocols may stand until it is given up.
            assertThat(assessed.isClosed(g.id())).as(() -> at + " " + g).isEqualTo(!wanted);
          }
          assertThat(assessed.satisfied().contains(g.id()))
              .as(() -> at + " " + g)
              .isEqualTo(wanted && !refused.contains(g.id()));
        }
      }
      assertThat(Collections.disjoint(refused, open)).as(at + " places once").isTrue();
      open = assessed.satisfied();
      assertSweepIsInTime(intent, nsg, at);
      packed += nsg.rules().stream().anyMatch(Ownership::isPack) ? 1 : 0;
    }
    nsg = settle(one.intent(true, false), nsg, where);
    nsg = settle(one.intent(false, false), nsg, where);
    assertThat(nsg.rules()).as(where).containsExactlyElementsOf(before.rules());
    return packed;
  }

  /** Whenever somebody sweeps by the descriptions alone, nothing is left of what is over. */
  private static void assertSweepIsInTime(RuleSetIntent intent, ObservedNsg nsg, String where) {
    for (int minute = 0; minute < 7; minute++) {
      Instant now = Samples.NOW.plusSeconds(60 * minute);
      List<NsgStep> steps = Sweep.steps(intent.ruleSet(), nsg, MARKS, now);
      RuleSetIntent live = intent.keeping(g -> !g.isOver(now));
      Assessment left = NsgAssessor.assess(live, done(nsg, steps), MARKS);
      Stream<Grant> grants = intent.machines().stream().flatMap(m -> m.grants().stream());
      grants
          .filter(g -> g.isOver(now))
          .forEach(g -> assertThat(left.isClosed(g.id())).as(() -> where + " " + g).isTrue());
    }
  }

  /** Rules that a grant needs by itself, by what policy-service counts. */
  private static long needed(Grant grant, Shortage shortage) {
    return Stream.of(Protocol.TCP, Protocol.UDP)
        .map(p -> SharedRule.of(false, p, grant.ports()))
        .filter(r -> !r.ports().isEmpty() && !shortage.shared().contains(r))
        .count();
  }

  private static Grant further(MachineIntent machine, Random random) {
    List<PortSpec> ports = machine.lock().orElseThrow().ports();
    PortSpec port = ports.get(random.nextInt(ports.size()));
    PortSpec asked =
        random.nextBoolean()
            ? port
            : new PortSpec(PortRange.of(port.ports().from()), port.protocol());
    return Samples.grant(machine.facts().name(), "192.0.2." + random.nextInt(250), asked);
  }

  private static RuleSetIntent with(RuleSetIntent intent, Grant grant) {
    return Samples.intent(
        "shared-nsg",
        intent.machines().stream()
            .map(
                m ->
                    m.machine().equals(grant.machine())
                        ? new MachineIntent(
                            m.facts(),
                            m.lock(),
                            Stream.concat(m.grants().stream(), Stream.of(grant)).toList())
                        : m)
            .toArray(MachineIntent[]::new));
  }

  /** Somebody uses nearly all of the priorities at which grants have their place. */
  private static ObservedNsg crowded(ObservedNsg before, Random random, int most) {
    List<NsgRule> rules = new ArrayList<>(before.rules());
    Set<Integer> taken = new HashSet<>();
    rules.forEach(r -> taken.add(r.priority()));
    int free = random.nextInt(most + 1);
    for (int p = 100; p < 1000; p++) {
      if (!taken.contains(p) && --free < 0) {
        rules.add(Samples.rule("theirs-full-" + p, true, p, "203.0.113.9", "8443"));
      }
    }
    return new ObservedNsg(true, "", rules);
  }
}
