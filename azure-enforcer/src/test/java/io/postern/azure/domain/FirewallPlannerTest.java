package io.postern.azure.domain;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.facts;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machineId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirewallPlannerTest {
  private static final RuleSetId FIREWALL = new RuleSetId("/subscriptions/s/fw");
  private static final String PUBLIC = "20.50.9.9";
  private static final Grant GRANT = grant("web-01", OUTSIDE, PortSpec.tcp(22));
  private static final Hop HOP =
      new Hop(
          FIREWALL,
          Optional.empty(),
          List.of(Cidr.parse("10.1.9.0/26")),
          List.of(Cidr.parse("10.1.0.4")),
          List.of(),
          true);

  private static Plan<FirewallStep> plan(
      ObservedFirewall firewall, Optional<Lock> lock, Grant... grants) {
    MachineIntent machine = new MachineIntent(facts("web-01", "10.1.0.4"), lock, List.of(grants));
    RuleSetIntent intent =
        new RuleSetIntent(FIREWALL, SCOPE, List.of(machine), Optional.empty(), NOW);
    return FirewallPlanner.plan(
        intent, firewall, new Hops(Map.of(machineId("web-01"), List.of(HOP))), MARKS);
  }

  private static ObservedFirewall firewall(FirewallCollection... collections) {
    return new ObservedFirewall(
        true, "", false, Optional.empty(), List.of(PUBLIC), List.of(collections));
  }

  private static FirewallCollection network(
      String name, int priority, Action action, String source, String port) {
    FirewallRule rule =
        new FirewallRule(
            "r", "", List.of("TCP"), List.of(source), List.of("*"), List.of(port), false, "", "");
    return new FirewallCollection(Kind.NETWORK, name, priority, action, List.of(rule));
  }

  private static FirewallRule nat(String name, String ports, String target) {
    return new FirewallRule(
        name,
        "",
        List.of("TCP"),
        List.of("*"),
        List.of(PUBLIC),
        List.of(ports),
        false,
        target,
        "443");
  }

  private static Map<String, Integer> places(Plan<FirewallStep> plan) {
    Map<String, Integer> places = new java.util.TreeMap<>();
    for (FirewallStep step : plan.steps()) {
      if (step instanceof FirewallStep.PlaceCollection place) {
        places.put(place.collection(), place.priority());
      }
    }
    return places;
  }

  private static FirewallRule natOf(Plan<FirewallStep> plan) {
    return plan.steps().stream()
        .flatMap(s -> s instanceof FirewallStep.PutRule p ? List.of(p).stream() : null)
        .filter(p -> p.kind() == Kind.NAT)
        .map(FirewallStep.PutRule::rule)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void grantsComeBeforeALockDownThatComesBehindWhatIsThere() {
    Plan<FirewallStep> plan =
        plan(
            firewall(network("theirs", 20_000, Action.ALLOW, "10.0.0.0/8", "22")),
            Optional.of(lock(false, PortSpec.tcp(22))),
            GRANT);
    assertThat(places(plan))
        .isEqualTo(Map.of("postern-deny", 20_001, "postern-allow", 100, "postern-dnat", 100));
  }

  @Test
  void anOverrideComesBeforeWhatIsThereAndStillBehindGrants() {
    Plan<FirewallStep> plan =
        plan(
            firewall(network("theirs", 102, Action.ALLOW, "*", "*")),
            Optional.of(lock(true, PortSpec.tcp(22))),
            GRANT);
    assertThat(places(plan))
        .isEqualTo(Map.of("postern-deny-override", 101, "postern-allow", 100, "postern-dnat", 100));
  }

  @Test
  void withoutRoomForALockDownSaysWhatIsInTheWay() {
    Plan<FirewallStep> plan =
        plan(
            firewall(network("theirs", 100, Action.ALLOW, "*", "*")),
            Optional.of(lock(true, PortSpec.tcp(22))));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusedLocks().get(machineId("web-01")))
        .extracting(Plan.Refusal::message)
        .asString()
        .contains("rule r of collection theirs at priority 100");
  }

  @Test
  void aLockDownThatHasLostItsPlaceStaysAndIsNotPassedByGrantsBehindIt() {
    FirewallCollection before = network("theirs", 100, Action.ALLOW, "*", "20-30");
    FirewallRule deny =
        plan(firewall(), Optional.of(lock(true, PortSpec.tcp(22)))).steps().stream()
            .flatMap(s -> s instanceof FirewallStep.PutRule put ? Stream.of(put.rule()) : null)
            .findFirst()
            .orElseThrow();
    FirewallCollection stands =
        new FirewallCollection(
            Kind.NETWORK, "postern-deny-override", 101, Action.DENY, List.of(deny));
    Plan<FirewallStep> plan =
        plan(firewall(before, stands), Optional.of(lock(true, PortSpec.tcp(22))), GRANT);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusedLocks()).containsKey(machineId("web-01"));
    assertThat(plan.refusedGrants().get(GRANT.id()))
        .extracting(Plan.Refusal::message)
        .asString()
        .contains("collection postern-deny-override at priority 101 denies");
  }

  @Test
  void aForeignDenyInFrontIsRespectedAndNamed() {
    Plan<FirewallStep> plan =
        plan(
            firewall(network("theirs", 100, Action.DENY, "203.0.113.0/24", "20-30")),
            Optional.of(lock(false, PortSpec.tcp(22))),
            GRANT);
    assertThat(plan.refusedGrants().get(GRANT.id()))
        .extracting(Plan.Refusal::message)
        .asString()
        .contains("rule r of collection theirs at priority 100 denies");
    assertThat(plan.steps()).noneMatch(FirewallStep::opens);
  }

  @Test
  void aPublicPortOfOthersIsNotTaken() {
    FirewallRule first = natOf(plan(firewall(), Optional.empty(), GRANT));
    FirewallRule theirs = nat("theirs", first.ports().getFirst(), "10.1.0.9");
    FirewallRule second =
        natOf(
            plan(
                firewall(
                    new FirewallCollection(Kind.NAT, "theirs", 500, Action.DNAT, List.of(theirs))),
                Optional.empty(),
                GRANT));
    assertThat(second.ports()).isNotEqualTo(first.ports());
    assertThat(natOf(plan(firewall(), Optional.empty(), GRANT))).isEqualTo(first);
  }

  @Test
  void noPortIsLeft() {
    FirewallCollection all =
        new FirewallCollection(
            Kind.NAT, "theirs", 500, Action.DNAT, List.of(nat("all", "1-65535", "10.1.0.9")));
    assertThat(plan(firewall(all), Optional.empty(), GRANT).refusedGrants().get(GRANT.id()))
        .extracting(Plan.Refusal::message)
        .isEqualTo("no public port of the Azure Firewall is free");
  }

  @Test
  void aFullFirewallTakesNoMoreAndStillCloses() {
    List<FirewallRule> rules = new ArrayList<>();
    for (int i = 0; i < FirewallPlanner.MOST_NAT_RULES; i++) {
      rules.add(nat("n" + i, "" + (1000 + i), "10.1.0.9"));
    }
    FirewallCollection full = new FirewallCollection(Kind.NAT, "theirs", 500, Action.DNAT, rules);
    Plan<FirewallStep> plan = plan(firewall(full), Optional.empty(), GRANT);
    assertThat(plan.refusedGrants()).containsKey(GRANT.id());
    assertThat(plan.steps()).noneMatch(FirewallStep::opens);
  }

  @Test
  void aNatRuleOfOthersToTheSamePortIsNotLetInByAGrant() {
    FirewallRule theirs =
        new FirewallRule(
            "theirs",
            "",
            List.of("TCP"),
            List.of("*"),
            List.of(PUBLIC),
            List.of("2222"),
            false,
            "10.1.0.4",
            "22");
    FirewallCollection nats =
        new FirewallCollection(Kind.NAT, "theirs", 500, Action.DNAT, List.of(theirs));
    assertThat(
            plan(firewall(nats), Optional.of(lock(true, PortSpec.tcp(22))), GRANT).refusedGrants())
        .hasEntrySatisfying(
            GRANT.id(), r -> assertThat(r.message()).contains("NAT rule theirs", "leads *"));
    assertThat(
            plan(firewall(nats), Optional.of(lock(false, PortSpec.tcp(22))), GRANT).refusedGrants())
        .as("what was there keeps its way in")
        .isEmpty();
  }

  @Test
  void aFailedFirewallIsPutAgainWhenItCarriesAnythingOfOurs() {
    ObservedFirewall failed =
        new ObservedFirewall(true, "", true, Optional.empty(), List.of(PUBLIC), List.of());
    assertThat(plan(failed, Optional.empty()).steps()).isEmpty();
    Optional<Lock> lock = Optional.of(lock(false, PortSpec.tcp(22)));
    List<FirewallRule> rules =
        plan(firewall(), lock).steps().stream()
            .flatMap(s -> s instanceof FirewallStep.PutRule p ? List.of(p.rule()).stream() : null)
            .toList();
    ObservedFirewall locked =
        new ObservedFirewall(
            true,
            "",
            true,
            Optional.empty(),
            List.of(PUBLIC),
            List.of(
                new FirewallCollection(Kind.NETWORK, "postern-deny", 10_000, Action.DENY, rules)));
    assertThat(plan(locked, lock).steps()).containsExactly(new FirewallStep.PutAgain());
  }

  @Test
  void nothingIsWrittenToAFirewallThatIsGone() {
    assertThat(plan(ObservedFirewall.GONE, Optional.empty(), GRANT).steps()).isEmpty();
  }
}
