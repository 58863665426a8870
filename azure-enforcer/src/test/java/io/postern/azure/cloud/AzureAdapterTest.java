package io.postern.azure.cloud;

import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machineId;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.MachineFacts;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import io.postern.simulator.arm.ArmScene;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AzureAdapterTest extends SimulatedAzure {
  private static final PortSpec SSH = PortSpec.tcp(22);
  private static final String ELSEWHERE = "198.51.100.1";

  private final Grant grant = grant("web-01", OUTSIDE, SSH);

  private Assessment web(Optional<Lock> lock, Grant... grants) {
    return settle(intent("web-01-nsg", "web-01", lock, grants));
  }

  /** The customer's rules as documents, without what changes with every write. */
  private List<JsonNode> customerRules() {
    List<JsonNode> rules = new java.util.ArrayList<>();
    document(nsgId("web-01-nsg"))
        .path("properties")
        .path("securityRules")
        .forEach(
            r -> {
              if (!r.path("name").asString("").startsWith("postern-")) {
                ((ObjectNode) r).remove("etag");
                rules.add(r);
              }
            });
    return rules;
  }

  @Test
  void findsMachinesWithTheirAddressesAndGroups() throws Exception {
    List<MachineFacts> machines = azure.inventory(SCOPE);
    assertThat(machines).hasSize(3);
    MachineFacts db = machine("db-01");
    assertThat(db.id()).isEqualTo(machineId("db-01"));
    assertThat(db.tags()).isEqualTo(Map.of("env", "prod", "tier", "db"));
    assertThat(db.privateAddresses()).containsExactly("10.1.1.4");
    assertThat(db.publicAddresses()).containsExactly("20.50.1.6");
    assertThat(db.ruleSets()).containsExactly(nsgId("db-01-nsg"), nsgId("back-nsg"));
    assertThat(azure.inventory(Scope.azure(ArmScene.SECOND_SUBSCRIPTION)))
        .extracting(MachineFacts::name)
        .containsExactly("lab-01");
  }

  /** A second interface in a subnet without a group: whoever reaches it reaches every port. */
  @Test
  void namesAnInterfaceThatNothingFilters() throws Exception {
    azure.inventory(SCOPE);
    assertThat(azure.unfiltered(machineId("web-01"))).isEmpty();
    String network =
        "/subscriptions/"
            + ArmScene.SUBSCRIPTION
            + "/resourceGroups/shop/providers/Microsoft.Network/";
    ArmScene scene = ArmScene.on(simulator);
    scene.put(
        network + "networkInterfaces/web-01-second",
        """
        {"location":"westeurope","properties":{"ipConfigurations":[{"name":"ip","properties":
        {"primary":true,"privateIPAddress":"10.1.0.44","privateIPAllocationMethod":"Static",
        "subnet":{"id":"%svirtualNetworks/shop-vnet/subnets/front"}}}]}}"""
            .formatted(network));
    String first =
        document(new RuleSetId(machineId("web-01").value()))
            .path("properties")
            .path("networkProfile")
            .path("networkInterfaces")
            .path(0)
            .path("id")
            .asString("");
    scene.put(
        machineId("web-01").value(),
        """
        {"location":"westeurope","properties":{"networkProfile":{"networkInterfaces":
        [{"id":"%s","properties":{"primary":true}},
         {"id":"%snetworkInterfaces/web-01-second","properties":{"primary":false}}]}}}"""
            .formatted(first, network));

    azure.inventory(SCOPE);

    assertThat(azure.unfiltered(machineId("web-01")))
        .singleElement()
        .satisfies(
            b -> {
              assertThat(b.ruleSet().value()).endsWith("/networkinterfaces/web-01-second");
              assertThat(b.bypass().explanation())
                  .contains("web-01-second", "subnets/front", "nothing can be closed there");
            });
    assertThat(azure.unfiltered(machineId("web-02"))).isEmpty();
  }

  @Test
  void findsAFleetWithFewCalls() throws Exception {
    ArmScene.fleet(simulator, 250);
    simulator.server().journal().clear();
    assertThat(azure.inventory(SCOPE)).hasSize(253);
    assertThat(actions()).hasSizeLessThanOrEqualTo(20);
  }

  @Test
  void priorityLeavesExistingRulesInChargeAndNamesThem() {
    Assessment a = web(Optional.of(lock(false, SSH)));
    assertThat(a.locked().get(machineId("web-01")))
        .containsExactly(
            new Assessment.Bypass(
                "customer-allow-ssh",
                "allows TCP 22 from * at priority 300, before the lock-down at 1000"));
    assertThat(isReachable(ELSEWHERE, "web-01", 22)).isTrue();
    assertThat(isReachable(ELSEWHERE, "web-01", 443)).isTrue();
  }

  @Test
  void overrideClosesOpensAndGivesEverythingBack() {
    List<JsonNode> before = customerRules();
    Assessment locked = web(Optional.of(lock(true, SSH)));
    assertThat(locked.locked()).containsEntry(machineId("web-01"), List.of());
    assertThat(isReachable(ELSEWHERE, "web-01", 22)).isFalse();
    assertThat(isReachable("10.1.0.5", "web-01", 22)).isFalse();
    assertThat(isReachable(ELSEWHERE, "web-01", 443)).isTrue();

    Assessment open = web(Optional.of(lock(true, SSH)), grant);
    assertThat(open.satisfied()).containsExactly(grant.id());
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
    assertThat(isReachable(ELSEWHERE, "web-01", 22)).isFalse();

    Assessment closed = web(Optional.of(lock(true, SSH)));
    assertThat(closed.present()).isEmpty();
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();

    Assessment lifted = web(Optional.empty());
    assertThat(lifted.touched()).isEmpty();
    assertThat(isReachable(ELSEWHERE, "web-01", 22)).isTrue();
    assertThat(customerRules()).isEqualTo(before);
  }

  @Test
  void opensInEveryGroupOnTheWay() {
    Grant db = grant("db-01", OUTSIDE, SSH);
    Optional<Lock> lock = Optional.of(lock(false, SSH));
    settle(intent("db-01-nsg", "db-01", lock, db));
    assertThat(isReachable(OUTSIDE, "db-01", 22)).isFalse();
    settle(intent("back-nsg", "db-01", lock, db));
    assertThat(isReachable(OUTSIDE, "db-01", 22)).isTrue();
    assertThat(isReachable(ELSEWHERE, "db-01", 22)).isFalse();
  }

  @Test
  void aWholeGroupWriteKeepsWhatItDoesNotKnow() {
    foreign("PUT", nsgId("web-01-nsg") + "/securityRules/odd", rule("Allow", 700, "*", "8443"));
    List<JsonNode> before = customerRules();
    simulator.server().journal().clear();
    web(Optional.of(lock(true, SSH)), grant);
    assertThat(actions()).contains("PUT networkSecurityGroups");
    assertThat(customerRules()).isEqualTo(before);
    assertThat(before.toString()).contains("unknownMember");
  }

  @Test
  void oneOpenIsReadWriteRead() {
    web(Optional.of(lock(true, SSH)));
    var intent = intent("web-01-nsg", "web-01", Optional.of(lock(true, SSH)), grant);
    simulator.server().journal().clear();
    settle(intent);
    assertThat(actions())
        .containsExactly(
            "GET networkSecurityGroups",
            "PUT networkSecurityGroups/securityRules",
            "GET networkSecurityGroups");
    assertThat(
            simulator.server().journal().entries().stream()
                .filter(e -> e.request().method().equals("PUT"))
                .allMatch(e -> e.request().header("if-match") != null))
        .isTrue();
  }

  @Test
  void aGroupThatIsGoneIsAnObservation() {
    var intent = intent("no-nsg", "web-01", Optional.of(lock(false, SSH)), grant);
    Assessment a = settle(intent);
    assertThat(a.touched()).isEmpty();
    assertThat(pass(intent)).isEqualTo(new Outcome.Applied());
  }
}
