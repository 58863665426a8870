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
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FirewallRoomTest {
  private static final RuleSetId FIREWALL = new RuleSetId("/subscriptions/s/azurefirewalls/fw");
  private static final String PUBLIC = "20.50.9.9";
  private static final PortSpec PORTS = new PortSpec(new PortRange(20, 35), Protocol.TCP);

  private static MachineIntent machine(Grant... grants) {
    return new MachineIntent(
        facts("web-01", "10.1.0.4"), Optional.of(lock(false, PORTS)), List.of(grants));
  }

  private static FirewallRule nat(String name, String ports) {
    return new FirewallRule(
        name,
        "",
        List.of("TCP"),
        List.of("*"),
        List.of(PUBLIC),
        List.of(ports),
        false,
        "10.1.0.9",
        "443");
  }

  private static ObservedFirewall firewall(List<FirewallRule> nats) {
    return new ObservedFirewall(
        true,
        "",
        false,
        Optional.empty(),
        List.of(PUBLIC),
        List.of(new FirewallCollection(Kind.NAT, "theirs", 200, Action.DNAT, nats)));
  }

  private static ObservedFirewall withRules(int count) {
    return firewall(
        IntStream.range(0, count).mapToObj(i -> nat("r" + i, "" + (1000 + i))).toList());
  }

  private static Optional<Shortage> room(ObservedFirewall firewall) {
    return FirewallRoom.of(FIREWALL, machine(), firewall);
  }

  /** How many ports the planner leads to the machine. */
  private static boolean fits(ObservedFirewall firewall, int ports) {
    Grant grant =
        grant("web-01", OUTSIDE, new PortSpec(new PortRange(20, 19 + ports), Protocol.TCP));
    Hop hop =
        new Hop(
            FIREWALL,
            Optional.empty(),
            List.of(Cidr.parse("10.1.9.0/26")),
            List.of(Cidr.parse("10.1.0.4")),
            List.of(),
            true);
    RuleSetIntent intent =
        new RuleSetIntent(FIREWALL, SCOPE, List.of(machine(grant)), Optional.empty(), NOW);
    return FirewallPlanner.plan(
            intent, firewall, new Hops(Map.of(machineId("web-01"), List.of(hop))), MARKS)
        .refusedGrants()
        .isEmpty();
  }

  @Test
  void theRulesThatAreLeftAreWhatThePlannerPlaces() {
    for (int count = 230; count <= 252; count++) {
      ObservedFirewall firewall = withRules(count);
      int left = room(firewall).map(Shortage::rulesLeft).orElse(16);
      for (int ports = 1; ports <= 16; ports++) {
        assertThat(fits(firewall, ports))
            .as(count + " rules, " + ports + " ports")
            .isEqualTo(ports <= left);
      }
    }
    assertThat(room(withRules(234))).isEmpty();
    assertThat(room(withRules(240)))
        .contains(new Shortage(10, "Azure Firewall fw takes 250 NAT rules and has 240"));
  }

  @Test
  void publicPortsThatAreTakenCount() {
    ObservedFirewall two = firewall(List.of(nat("all", "30000-49997")));
    assertThat(room(two).map(Shortage::rulesLeft)).contains(2);
    assertThat(room(two).map(Shortage::reason).orElseThrow()).contains("public port", "fw");
    assertThat(fits(two, 2)).isTrue();
    assertThat(fits(two, 3)).isFalse();
    assertThat(room(firewall(List.of(nat("all", "*")))).map(Shortage::rulesLeft)).contains(0);
  }

  @Test
  void whatHasNoPublicAddressHasNoRoom() {
    ObservedFirewall none =
        new ObservedFirewall(true, "", false, Optional.empty(), List.of(), List.of());
    assertThat(room(none)).map(Shortage::rulesLeft).contains(0);
    assertThat(fits(none, 1)).isFalse();
  }

  @Test
  void whatIsNotOursToWriteToOrNotLockedDownIsNotShort() {
    assertThat(room(ObservedFirewall.GONE)).isEmpty();
    assertThat(
            FirewallRoom.of(
                FIREWALL,
                new MachineIntent(facts("web-01", "10.1.0.4"), Optional.empty(), List.of()),
                withRules(250)))
        .isEmpty();
  }
}
