package io.postern.azure.cloud;

import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.Way;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import io.postern.model.Shortage;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Machines behind an Azure Firewall with classic rules. */
class FirewallsTest extends SimulatedAzure {
  private static final Optional<Lock> LOCK = Optional.of(lock(false, PortSpec.tcp(22)));
  private static final String WRITE = "PUT azureFirewalls";
  private static final RuleSetId NSG = nsgId("web-02-nsg");

  private final Grant grant = grant("web-02", OUTSIDE, PortSpec.tcp(22));

  @BeforeEach
  void putFirewall() {
    FirewallScene.routed(simulator);
  }

  private RuleSetIntent intent(RuleSetId ruleSet, Optional<Lock> lock, Grant... grants) {
    return new RuleSetIntent(
        ruleSet,
        SCOPE,
        List.of(new MachineIntent(machine("web-02"), lock, List.of(grants))),
        Optional.empty(),
        NOW);
  }

  private Assessment settleBoth(Optional<Lock> lock, Grant... grants) {
    settle(intent(NSG, lock, grants));
    return settle(intent(FirewallScene.RULE_SET, lock, grants));
  }

  private static List<Way> waysOf(Assessment assessment, Grant grant) {
    return assessment.ways().getOrDefault(grant.id(), List.of());
  }

  private JsonNode rules() {
    JsonNode p = document(FirewallScene.RULE_SET).path("properties");
    return ((tools.jackson.databind.node.ObjectNode) p.deepCopy())
        .retain("natRuleCollections", "networkRuleCollections", "unknownMember");
  }

  private long firewallWrites() {
    return actions().stream().filter(WRITE::equals).count();
  }

  @Test
  void grantOpensAPublicPortForItsSourceOnly() {
    JsonNode before = rules();
    settleBoth(LOCK);
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();

    Assessment open = settleBoth(LOCK, grant);
    assertThat(open.satisfied()).containsExactly(grant.id());
    Way way = waysOf(open, grant).getFirst();
    assertThat(waysOf(open, grant)).hasSize(1);
    assertThat(way.address()).isIn("20.50.9.9", "20.50.9.10");
    assertThat(way.port()).isBetween(30_000, 49_999);
    assertThat(way.protocol()).isEqualTo(Protocol.TCP);
    assertThat(open.established()).contains("Azure Firewall ends");
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
    assertThat(isReachable("198.51.100.1", "web-02", 22)).isFalse();
    assertThat(document(NSG).toString())
        .as("the group sees the firewall, not the requestor")
        .contains("10.1.9.0/26")
        .doesNotContain(OUTSIDE);
    assertThat(rules().toString()).contains(OUTSIDE, "" + way.port(), way.address());

    assertThat(settleBoth(LOCK).present()).isEmpty();
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();
    settleBoth(Optional.empty());
    assertThat(rules()).isEqualTo(before);
  }

  @Test
  void establishedConnectionsEndWithTheFirewallsRule() {
    settleBoth(LOCK, grant);
    String id =
        simulator(
                "connections",
                "{\"source\":\"%s\",\"machine\":\"%s\",\"port\":22,\"protocol\":\"TCP\"}"
                    .formatted(OUTSIDE, machine("web-02").id()))
            .path("id")
            .asString();
    settle(intent(NSG, LOCK));
    assertThat(alive(id)).as("a group lets them go on").isTrue();
    settle(intent(FirewallScene.RULE_SET, LOCK));
    assertThat(alive(id)).isFalse();
  }

  private boolean alive(String id) {
    return get("/_simulator/connections/" + id).path("alive").asBoolean();
  }

  @Test
  void everythingThatIsDueIsOneWrite() {
    settleBoth(LOCK);
    Grant second = grant("web-02", "198.51.100.9", PortSpec.tcp(22));
    Grant third = grant("web-02", "198.51.100.10", PortSpec.tcp(22));
    settleBoth(LOCK, grant, second);
    long before = firewallWrites();
    Assessment changed = settleBoth(LOCK, second, third);
    assertThat(firewallWrites() - before).isEqualTo(1);
    assertThat(changed.satisfied()).containsExactlyInAnyOrder(second.id(), third.id());
    assertThat(changed.present()).doesNotContain(grant.id());
    assertThat(
            simulator.server().journal().entries().stream()
                .filter(e -> e.action().equals(WRITE))
                .allMatch(e -> e.request().header("if-match") != null))
        .isTrue();
  }

  @Test
  void whatOthersDoSurvives() {
    foreign("PUT", FirewallScene.FIREWALL, FirewallScene.firewall(FirewallScene.foreignNat()));
    settleBoth(LOCK, grant);
    // Somebody adds a collection of theirs while the grant runs, and one rule to ours.
    JsonNode now = document(FirewallScene.RULE_SET);
    String edited =
        now.toString()
            .replace(
                "\"networkRuleCollections\":[",
                "\"networkRuleCollections\":["
                    + FirewallScene.foreignNetwork("late", 300, "Allow", "192.0.2.7")
                    + ",");
    foreign("PUT", FirewallScene.FIREWALL, edited);
    settleBoth(LOCK);
    settleBoth(Optional.empty());
    JsonNode after = rules();
    assertThat(after.path("natRuleCollections")).hasSize(1);
    assertThat(after.path("natRuleCollections").toString()).contains("theirs", "unknownMember");
    assertThat(after.path("networkRuleCollections").toString())
        .contains("late")
        .doesNotContain("postern");
    assertThat(after.path("unknownMember").toString()).isEqualTo("{\"kept\":[1,null]}");
  }

  @Test
  void anotherHandInBetweenIsReadAgain() {
    settleBoth(LOCK);
    RuleSetIntent open = intent(FirewallScene.RULE_SET, LOCK, grant);
    Observation before = observe(open);
    var steps = azure.plan(open, before).steps();
    foreign("PUT", FirewallScene.FIREWALL, FirewallScene.firewall(FirewallScene.foreignNat()));
    assertThat(azure.apply(open, before, steps))
        .isInstanceOfSatisfying(
            Outcome.Deferred.class, d -> assertThat(d.code()).isEqualTo(ErrorCode.CONFLICT));
    settle(open);
    assertThat(rules().toString()).contains("theirs", "postern-dnat");
  }

  @Test
  void namesForeignRulesThatExposeThePort() {
    foreign(
        "PUT",
        FirewallScene.FIREWALL,
        FirewallScene.firewall(
            FirewallScene.foreignNat()
                + ",\"networkRuleCollections\":["
                + FirewallScene.foreignNetwork("wide", 400, "Allow", "10.0.0.0/8")
                + "]"));
    Assessment locked = settleBoth(LOCK);
    assertThat(locked.locked().get(machine("web-02").id()))
        .extracting(Assessment.Bypass::rule)
        .containsExactly("theirs/ssh", "wide/r");
    assertThat(settleBoth(Optional.of(lock(true, PortSpec.tcp(22)))).locked())
        .as("an override goes before the network rule; a NAT rule cannot be overridden")
        .hasEntrySatisfying(
            machine("web-02").id(),
            b -> assertThat(b).extracting(Assessment.Bypass::rule).containsExactly("theirs/ssh"));
  }

  @Test
  void aRefusedFirewallIsPutAgain() {
    settleBoth(LOCK);
    simulator("operations", "{\"action\":\"PUT azureFirewalls\",\"outcome\":\"FAILED\"}");
    assertThat(pass(intent(FirewallScene.RULE_SET, LOCK, grant)))
        .isInstanceOf(Outcome.Failed.class);
    assertThat(settleBoth(LOCK, grant).satisfied()).containsExactly(grant.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOST_ANSWER", "RESET", "ERROR_AFTER", "ERROR_BEFORE"})
  void nobodyKnowsUntilItIsRead(String kind) {
    settleBoth(LOCK);
    String fault = "{\"action\":\"PUT azureFirewalls\",\"kind\":\"%s\",\"status\":500}";
    simulator("faults", fault.formatted(kind));
    assertThat(pass(intent(FirewallScene.RULE_SET, LOCK, grant)))
        .isInstanceOf(Outcome.Failed.class);
    assertThat(settleBoth(LOCK, grant).satisfied()).containsExactly(grant.id());
    simulator("faults", fault.formatted(kind));
    assertThat(pass(intent(FirewallScene.RULE_SET, LOCK))).isInstanceOf(Outcome.Failed.class);
    assertThat(settleBoth(LOCK).present()).isEmpty();
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();
  }

  @Test
  void aWriteInFlightIsWaitedFor() {
    settleBoth(LOCK);
    simulator.server().clock().freeze();
    simulator("settings", "{\"firewallLatency\":\"PT4M\"}");
    foreign("PUT", FirewallScene.FIREWALL + "-other", FirewallScene.firewall(""));
    RuleSetIntent open = intent(FirewallScene.RULE_SET, LOCK, grant);
    assertThat(pass(open)).as("longer than the patience").isInstanceOf(Outcome.Failed.class);
    assertThatThrownBy(() -> azure.observe(open))
        .isInstanceOfSatisfying(
            CloudException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
              assertThat(e.retryAfter()).isPresent();
            });
    simulator.server().clock().advance(Duration.ofMinutes(4));
    assertThat(settle(open).satisfied()).containsExactly(grant.id());
  }

  @Test
  void firewallManagerIsNotApplicableAndNothingIsWritten() {
    String policy = FirewallScene.FIREWALL.replace("azureFirewalls/fw", "firewallPolicies/p");
    foreign("PUT", policy, "{\"location\":\"westeurope\"}");
    foreign(
        "PUT",
        FirewallScene.FIREWALL,
        FirewallScene.firewall("\"firewallPolicy\":{\"id\":\"" + policy + "\"}"));
    for (RuleSetId ruleSet : machine("web-02").ruleSets()) {
      RuleSetIntent intent = intent(ruleSet, LOCK, grant);
      var plan = azure.plan(intent, observe(intent));
      assertThat(plan.steps()).isEmpty();
      assertThat(plan.refusedGrants().get(grant.id()))
          .extracting(Plan.Refusal::message)
          .asString()
          .contains("managed by Firewall Manager", policy);
      assertThat(plan.refusedLocks().get(machine("web-02").id()))
          .extracting(Plan.Refusal::code)
          .isEqualTo(ErrorCode.UNSUPPORTED_TARGET);
    }
    assertThat(actions()).allMatch(a -> a.startsWith("GET"));
  }

  @Test
  void aNatRuleMakesAMachineReachableWithoutRoutes() {
    simulator("reset", "{\"scene\":\"small\"}");
    FirewallScene.unrouted(simulator);
    assertThat(machine("web-02").ruleSets()).containsExactly(NSG);
    foreign("PUT", FirewallScene.FIREWALL, FirewallScene.firewall(FirewallScene.foreignNat()));
    MachineFacts web = machine("web-02");
    assertThat(web.ruleSets()).containsExactly(NSG, FirewallScene.RULE_SET);
    Assessment open = settleBoth(LOCK, grant);
    assertThat(open.ways().get(grant.id()))
        .as("by the firewall, and by the machine's own address")
        .hasSize(2)
        .contains(new Way("20.50.1.5", 22, Protocol.TCP));
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
    assertThat(isReachable("198.51.100.1", "web-02", 22)).isFalse();
  }

  @Test
  void sourcesInsideAreRoutedAndKeepTheirAddress() {
    Grant inside = grant("web-02", "10.9.0.7", PortSpec.tcp(22));
    settleBoth(LOCK);
    assertThat(isReachable("10.9.0.7", "web-02", 22)).isFalse();
    Assessment open = settleBoth(LOCK, inside);
    assertThat(open.ways().get(inside.id())).containsExactly(new Way("10.1.0.5", 22, Protocol.TCP));
    assertThat(rules().toString()).doesNotContain("postern-dnat");
    assertThat(isReachable("10.9.0.7", "web-02", 22)).isTrue();
    assertThat(isReachable("10.9.0.8", "web-02", 22)).isFalse();
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();
  }

  @Test
  void aRangeGetsARuleForEachPortUpToALimit() {
    Grant two = grant("web-02", OUTSIDE, new PortSpec(new PortRange(5985, 5986), Protocol.TCP));
    Optional<Lock> lock =
        Optional.of(lock(false, new PortSpec(new PortRange(5985, 6100), Protocol.TCP)));
    assertThat(settleBoth(lock, two).ways().get(two.id())).hasSize(2).doesNotHaveDuplicates();
    assertThat(isReachable(OUTSIDE, "web-02", 5985)).isTrue();
    assertThat(isReachable(OUTSIDE, "web-02", 5986)).isTrue();
    assertThat(isReachable(OUTSIDE, "web-02", 5987)).isFalse();
    Grant many = grant("web-02", OUTSIDE, new PortSpec(new PortRange(5985, 6100), Protocol.TCP));
    RuleSetIntent intent = intent(FirewallScene.RULE_SET, lock, many);
    assertThat(azure.plan(intent, observe(intent)).refusedGrants().get(many.id()))
        .extracting(Plan.Refusal::message)
        .asString()
        .contains("116 ports", "at most 16");
  }

  @Test
  void theSweeperClosesByTheMarksAlone() throws Exception {
    settleBoth(LOCK, grant);
    Sweeper early = sweeperAt(899);
    assertThat(early.sweep(SCOPE)).isZero();
    assertThat(sweeperAt(903).sweep(SCOPE)).as("group, NAT and network rule").isEqualTo(3);
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();
    assertThat(rules().toString()).contains("postern-deny").doesNotContain("postern-allow");
  }

  private Sweeper sweeperAt(int seconds) {
    return new Sweeper(
        azure,
        Set.of(SCOPE),
        Duration.ofSeconds(1),
        Clock.fixed(NOW.plusSeconds(seconds), ZoneOffset.UTC));
  }

  @Test
  void aFullFirewallIsToldBeforehandAndHasRoomForSourcesInsideOnly() {
    String rules =
        IntStream.range(0, 250)
            .mapToObj(
                i ->
                    """
                    {"name":"n%d","protocols":["TCP"],"sourceAddresses":["192.0.2.0/24"],
                    "destinationAddresses":["20.50.9.9"],"destinationPorts":["%d"],
                    "translatedAddress":"10.1.0.9","translatedPort":"443"}"""
                        .formatted(i, 2000 + i))
            .collect(Collectors.joining(","));
    foreign(
        "PUT",
        FirewallScene.FIREWALL,
        FirewallScene.firewall(
            """
            "natRuleCollections":[{"name":"theirs","properties":{"priority":200,
            "action":{"type":"Dnat"},"rules":[%s]}}]"""
                .formatted(rules)));
    RuleSetIntent locked = intent(FirewallScene.RULE_SET, LOCK);
    settleBoth(LOCK);

    assertThat(azure.posture(locked.machines().getFirst()).publicShortage())
        .contains(new Shortage(0, "Azure Firewall fw takes 250 NAT rules and has 250"));
    assertThat(azure.posture(locked.machines().getFirst()).shortage()).isEmpty();
    assertThat(azure.foresee(locked, observe(locked)))
        .containsExactly(
            "No port could be opened now for sources in the internet: Azure Firewall fw takes 250 NAT rules and has 250.");

    Grant inside = grant("web-02", "10.1.1.4", PortSpec.tcp(22));
    Assessment open = settleBoth(LOCK, grant, inside);
    assertThat(open.satisfied()).containsExactly(inside.id());
  }
}
