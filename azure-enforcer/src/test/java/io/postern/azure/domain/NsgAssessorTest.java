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

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NsgAssessorTest {
  private static final PortSpec SSH = PortSpec.tcp(22);

  private final Grant grant = grant("web-01", OUTSIDE, SSH);
  private final RuleSetIntent intent = locked(grant);

  private static RuleSetIntent locked(Grant... grants) {
    return intent(
        "web-01-nsg", machine(facts("web-01", "10.1.0.4"), Optional.of(lock(false, SSH)), grants));
  }

  private static Assessment assess(RuleSetIntent intent, ObservedNsg nsg) {
    return NsgAssessor.assess(intent, nsg, MARKS);
  }

  private ObservedNsg full(NsgRule... foreign) {
    ObservedNsg before = nsg(foreign);
    return done(before, NsgPlanner.plan(intent, before, MARKS).steps());
  }

  @Test
  void anUntouchedGroupIsNothing() {
    Assessment a = assess(intent, nsg());
    assertThat(a.satisfied()).isEmpty();
    assertThat(a.present()).isEmpty();
    assertThat(a.locked()).isEmpty();
    assertThat(a.touched()).isEmpty();
  }

  @Test
  void saysWhatBecomesOfEstablishedConnections() {
    assertThat(assess(intent, nsg()).established()).contains("go on");
    ObservedNsg flushing = new ObservedNsg(true, "", java.util.List.of(), true);
    assertThat(assess(intent, flushing).established()).contains("flushConnection", "are ended");
  }

  @Test
  void saysWhatStands() {
    Assessment a = assess(intent, full());
    assertThat(a.satisfied()).containsExactly(grant.id());
    assertThat(a.present()).containsExactly(grant.id());
    assertThat(a.locked()).containsEntry(machineId("web-01"), List.of());
    assertThat(a.touched()).containsExactly(machineId("web-01"));
  }

  @Test
  void namesRulesThatGoBeforeTheLockDown() {
    Assessment a =
        assess(
            intent,
            full(
                rule("ssh", true, 300, "*", "22"),
                rule("web", true, 310, "*", "443"),
                rule("inside", true, 400, "VirtualNetwork", "0-65535")));
    assertThat(a.locked().get(machineId("web-01")))
        .containsExactly(
            new Assessment.Bypass(
                "ssh", "allows TCP 22 from * at priority 300, before the lock-down at 1000"),
            new Assessment.Bypass(
                "inside",
                "allows TCP 0-65535 from VirtualNetwork at priority 400, before the lock-down at"
                    + " 1000"));
  }

  @Test
  void aRuleThatIsNotInForceSatisfiesNobodyButIsPresent() {
    for (NsgRule.State state : List.of(NsgRule.State.CHANGING, NsgRule.State.BROKEN)) {
      List<NsgRule> rules = new ArrayList<>();
      for (NsgRule r : full().rules()) {
        rules.add(
            new NsgRule(
                r.name(),
                r.inbound(),
                r.allows(),
                r.priority(),
                r.protocol(),
                r.sources(),
                r.sourcePorts(),
                r.destinations(),
                r.destinationPorts(),
                r.sourceGroups(),
                r.destinationGroups(),
                r.description(),
                state));
      }
      Assessment a = assess(intent, new ObservedNsg(true, "", rules));
      assertThat(a.satisfied()).isEmpty();
      assertThat(a.locked()).isEmpty();
      assertThat(a.present()).containsExactly(grant.id());
      assertThat(a.touched()).containsExactly(machineId("web-01"));
    }
  }

  @Test
  void aDenyBeforeTheGrantStopsIt() {
    List<NsgRule> rules = new ArrayList<>();
    full().rules().forEach(r -> rules.add(r.allows() ? r.at(500) : r));
    rules.add(rule("incident", false, 150, "Internet", "*"));
    assertThat(assess(intent, new ObservedNsg(true, "", rules)).satisfied()).isEmpty();
    rules.removeLast();
    rules.add(rule("elsewhere", false, 150, "198.51.100.0/24", "*"));
    assertThat(assess(intent, new ObservedNsg(true, "", rules)).satisfied()).hasSize(1);
  }

  @Test
  void rulesOfGrantsThatAreOverArePresent() {
    Assessment a = assess(intent("web-01-nsg"), full());
    assertThat(a.present()).containsExactly(grant.id());
    assertThat(a.satisfied()).isEmpty();
  }
}
