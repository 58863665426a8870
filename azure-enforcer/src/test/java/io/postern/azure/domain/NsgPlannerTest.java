package io.postern.azure.domain;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.done;
import static io.postern.azure.Samples.facts;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.intent;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machine;
import static io.postern.azure.Samples.machineId;
import static io.postern.azure.Samples.nsg;
import static io.postern.azure.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NsgPlannerTest {
  private static final PortSpec SSH = PortSpec.tcp(22);
  private static final MachineFacts WEB = facts("web-01", "10.1.0.4");

  private final Grant grant = grant("web-01", OUTSIDE, SSH);

  private static Plan<NsgStep> plan(RuleSetIntent intent, ObservedNsg nsg) {
    return NsgPlanner.plan(intent, nsg, MARKS);
  }

  private static RuleSetIntent locked(boolean override, Grant... grants) {
    return intent("web-01-nsg", machine(WEB, Optional.of(lock(override, SSH)), grants));
  }

  private static RuleSetIntent unlocked() {
    return intent("web-01-nsg", machine(WEB, Optional.empty()));
  }

  private static Plan.Refusal refused(Plan<NsgStep> plan, Grant grant) {
    return Optional.ofNullable(plan.refusedGrants().get(grant.id())).orElseThrow();
  }

  private static Plan.Refusal refusedLock(Plan<NsgStep> plan) {
    return Optional.ofNullable(plan.refusedLocks().get(machineId("web-01"))).orElseThrow();
  }

  private static NsgRule put(NsgStep step) {
    return ((NsgStep.PutRule) step).rule();
  }

  private static NsgRule only(Plan<NsgStep> plan) {
    assertThat(plan.steps()).hasSize(1);
    return put(plan.steps().getFirst());
  }

  @Test
  void locksDownFrom1000WhenNothingIsThere() {
    Plan<NsgStep> plan = plan(locked(false), nsg());
    NsgRule deny = only(plan);
    assertThat(deny.name()).startsWith("postern-deny-web-01-");
    assertThat(deny.allows()).isFalse();
    assertThat(deny.priority()).isEqualTo(1000);
    assertThat(deny.sources()).containsExactly("*");
    assertThat(deny.destinations()).containsExactly("10.1.0.4");
    assertThat(deny.destinationPorts()).containsExactly("22");
    assertThat(deny.description()).isEqualTo("postern/1 postern deny priority ssh");
    assertThat(plan.before()).contains(RestorePoint.NOTHING);
    assertThat(plan.after()).contains(RestorePoint.NOTHING);
  }

  @Test
  void locksDownAfterTheLastExistingRule() {
    assertThat(only(plan(locked(false), nsg(rule("theirs", true, 2000, "*", "20-30")))).priority())
        .isEqualTo(2001);
    assertThat(only(plan(locked(false), nsg(rule("theirs", true, 300, "*", "22")))).priority())
        .isEqualTo(1000);
  }

  @Test
  void aDenyAtTheEndDoesNotKeepALockDownOut() {
    ObservedNsg nsg = nsg(rule("all", true, 1500, "*", "*"), rule("end", false, 4096, "*", "*"));
    assertThat(only(plan(locked(false), nsg)).priority()).isEqualTo(1501);
  }

  @Test
  void overridesExistingRules() {
    assertThat(only(plan(locked(true), nsg(rule("theirs", true, 300, "*", "22")))).priority())
        .isEqualTo(299);
    assertThat(only(plan(locked(true), nsg(rule("theirs", true, 1500, "*", "22")))).priority())
        .isEqualTo(1000);
    assertThat(only(plan(locked(true), nsg(rule("other", true, 300, "*", "443")))).priority())
        .isEqualTo(1000);
  }

  @Test
  void saysWhichRuleIsInTheWayOfALockDown() {
    Plan<NsgStep> plan = plan(locked(true), nsg(rule("theirs", true, 100, "*", "*")));
    assertThat(plan.steps()).isEmpty();
    assertThat(refusedLock(plan))
        .isEqualTo(
            new Plan.Refusal(
                ErrorCode.CONFLICT, "no priority is free before rule theirs at priority 100"));
    assertThat(plan.after()).isEmpty();
    plan = plan(locked(false), nsg(rule("last", true, 4096, "*", "22")));
    assertThat(refusedLock(plan).message())
        .isEqualTo("no priority is free after rule last at priority 4096");
  }

  @Test
  void opensBeforeTheLockDown() {
    Plan<NsgStep> plan = plan(locked(true, grant), nsg(rule("theirs", true, 300, "*", "22")));
    assertThat(plan.steps()).hasSize(2);
    NsgRule allow = put(plan.steps().getLast());
    assertThat(allow.priority()).isEqualTo(100);
    assertThat(allow.sources()).containsExactly("203.0.113.7/32");
    assertThat(allow.destinations()).containsExactly("10.1.0.4");
    assertThat(allow.name()).isEqualTo("postern-allow-" + grant.id() + "-tcp");
    Ownership ownership = new Ownership(MARKS, intent("web-01-nsg").ruleSet());
    assertThat(ownership.mark(allow).orElseThrow())
        .isEqualTo(new Marks.Mark("postern", grant.id(), grant.expiresAt(), true));
    assertThat(allow.description().length()).isLessThanOrEqualTo(140);
  }

  @Test
  void opensBeforeAForeignDenyOfTheSameTraffic() {
    ObservedNsg nsg = nsg(rule("theirs", false, 102, "*", "*"), rule("x", true, 100, "*", "443"));
    NsgRule allow = put(plan(locked(false, grant), nsg).steps().getLast());
    assertThat(allow.priority()).isEqualTo(101);
  }

  @Test
  void saysWhichRuleIsInTheWayOfAGrant() {
    Plan<NsgStep> plan = plan(locked(false, grant), nsg(rule("theirs", false, 100, "*", "22")));
    assertThat(refused(plan, grant))
        .isEqualTo(
            new Plan.Refusal(ErrorCode.CONFLICT, "no priority is free before rule theirs at 100"));
    assertThat(plan.steps()).noneMatch(NsgStep::opens);
  }

  @Test
  void leavesWhatIsRightAlone() {
    ObservedNsg before = nsg(rule("theirs", true, 300, "*", "22"));
    for (boolean override : new boolean[] {false, true}) {
      RuleSetIntent intent = locked(override, grant);
      ObservedNsg after = done(before, plan(intent, before).steps());
      Plan<NsgStep> again = plan(intent, after);
      assertThat(again.steps()).isEmpty();
      assertThat(again.after()).contains(RestorePoint.NOTHING);
    }
  }

  @Test
  void takesOnlyItsOwnAway() {
    ObservedNsg before =
        nsg(rule("theirs", true, 300, "*", "22"), rule("postern-allow-x", true, 301, "*", "22"));
    ObservedNsg full = done(before, plan(locked(true, grant), before).steps());
    Plan<NsgStep> closing = plan(locked(true), full);
    assertThat(closing.steps())
        .containsExactly(new NsgStep.DeleteRule("postern-allow-" + grant.id() + "-tcp"));
    Plan<NsgStep> lifting = plan(unlocked(), full);
    assertThat(lifting.before()).contains(RestorePoint.NOTHING);
    assertThat(lifting.after()).isEmpty();
    assertThat(done(full, lifting.steps()).rules())
        .containsExactlyInAnyOrderElementsOf(before.rules());
  }

  @Test
  void aMachineThatIsGoneLeavesNothing() {
    ObservedNsg full = done(nsg(), plan(locked(false, grant), nsg()).steps());
    assertThat(done(full, plan(intent("web-01-nsg"), full).steps()).rules()).isEmpty();
  }

  @Test
  void leavesTheRulesOfAnotherInstallationAlone() {
    Marks others = new Marks("other", new byte[32]);
    ObservedNsg full = done(nsg(), NsgPlanner.plan(locked(false, grant), nsg(), others).steps());
    assertThat(plan(unlocked(), full).steps()).isEmpty();
    assertThat(plan(unlocked(), full).after()).isEmpty();
  }

  @Test
  void putsAnAlteredRuleRightAndDeletesACopiedMark() {
    ObservedNsg full = done(nsg(), plan(locked(false, grant), nsg()).steps());
    NsgRule allow = full.rules().stream().filter(NsgRule::allows).findFirst().orElseThrow();
    NsgRule wide =
        new NsgRule(
            allow.name(),
            true,
            true,
            allow.priority(),
            "Tcp",
            List.of("*"),
            List.of("*"),
            List.of("*"),
            List.of("*"),
            List.of(),
            List.of(),
            allow.description(),
            NsgRule.State.IN_FORCE);
    NsgRule copy =
        new NsgRule(
            "postern-allow-copy",
            true,
            true,
            150,
            "Tcp",
            List.of("*"),
            List.of("*"),
            List.of("*"),
            List.of("3389"),
            List.of(),
            List.of(),
            allow.description(),
            NsgRule.State.IN_FORCE);
    NsgRule deny = full.rules().stream().filter(r -> !r.allows()).findFirst().orElseThrow();
    Plan<NsgStep> plan = plan(locked(false, grant), nsg(wide, copy, deny));
    assertThat(plan.steps())
        .containsExactly(new NsgStep.DeleteRule("postern-allow-copy"), new NsgStep.PutRule(allow));
  }

  @Test
  void movesALockDownBeforeARuleThatCameLaterOnlyWhenItOverrides() {
    for (boolean override : new boolean[] {false, true}) {
      ObservedNsg full = done(nsg(), plan(locked(override, grant), nsg()).steps());
      List<NsgRule> more = new ArrayList<>(full.rules());
      more.add(rule("late", true, 200, "*", "22"));
      more.add(rule("later", true, 2000, "*", "22"));
      Plan<NsgStep> plan = plan(locked(override, grant), new ObservedNsg(true, "", more));
      if (override) {
        assertThat(only(plan).priority()).isEqualTo(199);
      } else {
        assertThat(plan.steps()).isEmpty();
      }
    }
  }

  @Test
  void doesNotJumpOverADenyThatCameWhileTheGrantRan() {
    ObservedNsg full = done(nsg(), plan(locked(false, grant), nsg()).steps());
    List<NsgRule> rules = new ArrayList<>();
    full.rules().forEach(r -> rules.add(r.allows() ? r.at(500) : r));
    rules.add(rule("incident", false, 150, "*", "*"));
    Plan<NsgStep> plan = plan(locked(false, grant), new ObservedNsg(true, "", rules));
    assertThat(plan.steps()).isEmpty();
    assertThat(refused(plan, grant).message())
        .isEqualTo("rule incident at priority 150 denies the grant's traffic");
  }

  @Test
  void extendsInPlace() {
    ObservedNsg full = done(nsg(), plan(locked(false, grant), nsg()).steps());
    Grant longer =
        new Grant(
            grant.id(),
            grant.request(),
            grant.machine(),
            grant.ports(),
            grant.sources(),
            grant.startsAt(),
            grant.expiresAt().plusSeconds(600),
            grant.policy(),
            Optional.empty(),
            false);
    NsgRule extended = only(plan(locked(false, longer), full));
    assertThat(extended.priority()).isEqualTo(100);
    assertThat(extended.description()).contains(" " + longer.expiresAt().getEpochSecond() + " ");
  }

  @Test
  void splitsProtocolsAndFamilies() {
    MachineFacts dual = facts("web-01", "10.1.0.4", "fd00::4", "10.1.0.5");
    Lock lock =
        lock(
            false,
            new PortSpec(PortRange.of(53), Protocol.ANY),
            new PortSpec(new PortRange(20, 25), Protocol.TCP),
            SSH);
    List<NsgStep> steps =
        plan(intent("web-01-nsg", machine(dual, Optional.of(lock))), nsg()).steps();
    assertThat(steps.stream().map(s -> put(s).content()))
        .containsExactlyInAnyOrder(
            "in deny tcp * * 10.1.0.4/32,10.1.0.5/32 20-25,53  ",
            "in deny tcp * * fd00::4/128 20-25,53  ",
            "in deny udp * * 10.1.0.4/32,10.1.0.5/32 53  ",
            "in deny udp * * fd00::4/128 53  ");
  }

  @Test
  void refusesWhatHasNoAddress() {
    RuleSetIntent without =
        intent("web-01-nsg", machine(facts("web-01"), Optional.of(lock(false, SSH)), grant));
    Plan<NsgStep> plan = plan(without, nsg());
    assertThat(plan.refusedLocks()).containsKey(machineId("web-01"));
    assertThat(refused(plan, grant).code()).isEqualTo(ErrorCode.UNSUPPORTED_TARGET);
    Grant v6 = grant("web-01", "2001:db8::1", SSH);
    assertThat(refused(plan(locked(false, v6), nsg()), v6).message()).contains("family");
  }

  @Test
  void aMachineWhoseAddressIsUnknownKeepsItsLockDown() {
    ObservedNsg full = done(nsg(), plan(locked(false, grant), nsg()).steps());
    RuleSetIntent without =
        intent("web-01-nsg", machine(facts("web-01"), Optional.of(lock(false, SSH))));
    Plan<NsgStep> plan = plan(without, full);
    assertThat(plan.steps())
        .containsExactly(new NsgStep.DeleteRule("postern-allow-" + grant.id() + "-tcp"));
    assertThat(plan.after()).contains(RestorePoint.NOTHING);
  }

  @Test
  void keepsOffWhatDefenderManages() {
    for (String name :
        List.of("SecurityCenter-JITRule_1_2", "MicrosoftDefenderForCloud-JITRule_1_2")) {
      Plan<NsgStep> plan = plan(locked(true, grant), nsg(rule(name, false, 1000, "*", "22")));
      assertThat(plan.steps()).isEmpty();
      Plan.Refusal refusal = refusedLock(plan);
      assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED_TARGET);
      assertThat(refusal.message()).startsWith("managed by Defender");
      assertThat(plan.refusedGrants()).containsKey(grant.id());
    }
  }

  @Test
  void stopsAtAzuresLimits() {
    List<NsgRule> many = new ArrayList<>();
    for (int i = 0; i < 999; i++) {
      many.add(rule("r" + i, true, 2000 + i, "*", "443"));
    }
    Plan<NsgStep> plan = plan(locked(false, grant), new ObservedNsg(true, "", many));
    assertThat(only(plan).allows()).isFalse();
    assertThat(refused(plan, grant).message()).contains("1000 rules");
  }

  @Test
  void twoGrantsAreTwoRules() {
    Grant second = grant("web-01", "198.51.100.9", SSH);
    ObservedNsg full = done(nsg(), plan(locked(false, grant, second), nsg()).steps());
    assertThat(full.rules()).hasSize(3);
    assertThat(done(full, plan(locked(false, second), full).steps()).rules())
        .filteredOn(NsgRule::allows)
        .extracting(NsgRule::name)
        .containsExactly("postern-allow-" + second.id() + "-tcp");
  }

  @Test
  void aGroupThatIsGoneNeedsNothing() {
    Plan<NsgStep> plan = plan(locked(false, grant), ObservedNsg.GONE);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.after()).isEmpty();
  }
}
