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
import io.postern.model.MachineFacts;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.Shortage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Laws that hold for every group, policy and grant. */
class NsgPlannerPropertyTest {
  private static final int LAWS = 6;
  private static final int CROWDED_ONE_IN = 10;
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

  private static void assertPackets(
      RandomCase one, ObservedNsg before, ObservedNsg after, String where) {
    RuleSetIntent intent = one.intent(true, true);
    Plan<NsgStep> plan = NsgPlanner.plan(intent, after, MARKS);
    Assessment assessed = NsgAssessor.assess(intent, after, MARKS);
    for (Probe probe : one.probes()) {
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
  void neverMoreGrantsFitThanAGroupIsSaidToHaveRoomFor() {
    AtomicInteger told = new AtomicInteger();
    always(
        (one, where) -> {
          Random random = new Random(where.hashCode());
          if (random.nextInt(CROWDED_ONE_IN) > 0) {
            return; // A crowded group takes a hundred times as long as another.
          }
          ObservedNsg crowded = crowded(one.before, random);
          ObservedNsg nsg = settle(one.intent(true, false), crowded, where);
          for (MachineIntent m : one.intent(true, false).machines()) {
            Optional<Shortage> shortage = NsgRoom.of(Samples.nsgId("shared-nsg"), m, nsg, MARKS);
            if (shortage.isPresent()) {
              told.incrementAndGet();
              int fitting = fitting(one, m, nsg, random);
              assertThat(fitting).as(where).isLessThanOrEqualTo(shortage.get().rulesLeft());
            }
          }
        });
    assertThat(told.get()).isGreaterThan(CASES / CROWDED_ONE_IN / 4);
  }

  /** Somebody uses nearly all of the priorities at which grants have their place. */
  private static ObservedNsg crowded(ObservedNsg before, Random random) {
    List<NsgRule> rules = new ArrayList<>(before.rules());
    Set<Integer> taken = new HashSet<>();
    rules.forEach(r -> taken.add(r.priority()));
    int free = random.nextInt(15);
    for (int p = 100 + free; p < 1000; p++) {
      if (!taken.contains(p)) {
        rules.add(Samples.rule("theirs-full-" + p, true, p, "203.0.113.9", "8443"));
      }
    }
    return new ObservedNsg(true, "", rules);
  }

  /** How many grants of one rule each, on one port of the lock-down, the planner places. */
  private static int fitting(
      RandomCase one, MachineIntent machine, ObservedNsg nsg, Random random) {
    List<PortSpec> ports = machine.lock().orElseThrow().ports();
    PortSpec port = ports.get(random.nextInt(ports.size()));
    PortSpec single =
        new PortSpec(
            PortRange.of(port.ports().from()),
            port.protocol() == Protocol.UDP ? Protocol.UDP : Protocol.TCP);
    Grant[] grants =
        IntStream.range(0, Shortage.FEW + 2)
            .mapToObj(i -> Samples.grant(machine.facts().name(), "192.0.2." + i, single))
            .toArray(Grant[]::new);
    MachineIntent[] machines =
        one.intent(true, false).machines().stream()
            .map(
                m ->
                    m.machine().equals(machine.machine())
                        ? Samples.machine(m.facts(), m.lock(), grants)
                        : m)
            .toArray(MachineIntent[]::new);
    Plan<NsgStep> plan =
        NsgPlanner.plan(Samples.intent("shared-nsg", machines), nsg, Hops.NONE, MARKS);
    return grants.length - plan.refusedGrants().size();
  }
}
