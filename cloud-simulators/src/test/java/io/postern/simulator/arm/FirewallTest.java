package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FirewallTest extends SmallScene {
  private static final String NETWORK = Http.SHOP + "Microsoft.Network/";
  private static final String FIREWALL = NETWORK + "azureFirewalls/fw";
  private static final String DNAT =
      """
      "natRuleCollections":[{"name":"in","properties":{"priority":200,"action":{"type":"Dnat"},
      "rules":[{"name":"ssh","protocols":["TCP"],"sourceAddresses":["203.0.113.0/24"],
      "destinationAddresses":["20.50.9.9"],"destinationPorts":["2222"],
      "translatedAddress":"10.1.0.5","translatedPort":"22"}]}}]""";

  @BeforeEach
  void setFirewall() {
    ArmScene.on(simulator)
        .put(
            NETWORK + "virtualNetworks/shop-vnet/subnets/AzureFirewallSubnet",
            "{\"properties\":{\"addressPrefix\":\"10.1.9.0/26\"}}")
        .put(
            NETWORK + "publicIPAddresses/fw-ip",
            "{\"location\":\"westeurope\",\"properties\":{\"ipAddress\":\"20.50.9.9\"}}")
        .put(FIREWALL, firewall(DNAT));
  }

  private static String firewall(String collections) {
    return """
    {"location":"westeurope","properties":{"ipConfigurations":[{"name":"c","properties":{
    "subnet":{"id":"%svirtualNetworks/shop-vnet/subnets/AzureFirewallSubnet"},
    "publicIPAddress":{"id":"%spublicIPAddresses/fw-ip"}}}]%s}}"""
        .formatted(NETWORK, NETWORK, collections.isEmpty() ? "" : "," + collections);
  }

  private void allowFromFirewall() {
    http.put(
        Http.NSG + "web-02-nsg/securityRules/fw", Http.rule("Allow", 100, "10.1.9.0/26", "22"));
  }

  @Test
  void firewallTakesAnAddressOfItsSubnet() {
    assertThat(
            http.get(FIREWALL)
                .json()
                .at("/properties/ipConfigurations/0/properties/privateIPAddress")
                .asString())
        .isEqualTo("10.1.9.4");
  }

  @Test
  void translatedPacketsComeFromTheFirewall() {
    JsonNode vnet = http.reachable(OUTSIDE, "web-02", 22);
    assertThat(vnet.path("decidedBy").asString()).isEqualTo("fw/in/ssh");
    http.put(Http.NSG + "web-02-nsg/securityRules/d", Http.rule("Deny", 200, "*", "22"));
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("reachable").asBoolean()).isFalse();
    allowFromFirewall();
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("decidedBy").asString())
        .isEqualTo("fw/in/ssh");
    assertThat(http.reachable("198.51.100.1", "web-02", 22).path("reachable").asBoolean())
        .isFalse();
  }

  @Test
  void firewallsChangeEndsConnectionsThatItNowDenies() {
    String connection = http.connect(OUTSIDE, "web-02", 22);
    http.put(FIREWALL, firewall(DNAT.replace("\"2222\"", "\"2223\"")));
    assertThat(http.isAlive(connection)).isTrue();
    http.put(FIREWALL, firewall(""));
    assertThat(http.isAlive(connection)).isFalse();
  }

  @Test
  void oneWriteAtATimeAndItTakesMinutes() {
    simulator.server().clock().freeze();
    http.simulator("settings", "{\"firewallLatency\":\"PT4M\",\"racingWrites\":\"SUPERSEDE\"}");
    http.put(FIREWALL, firewall(""));
    assertThat(http.put(FIREWALL, firewall(DNAT)).code()).isEqualTo("AnotherOperationInProgress");
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("reachable").asBoolean()).isTrue();
    simulator.server().clock().advance(Duration.ofMinutes(4));
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("reachable").asBoolean()).isFalse();
    assertThat(http.put(FIREWALL, firewall(DNAT)).status()).isEqualTo(200);
  }

  @Test
  void routeThroughTheFirewallClosesTheDirectWay() {
    String table = NETWORK + "routeTables/out";
    http.put(
        table,
        """
        {"location":"westeurope","properties":{"routes":[
        {"name":"all","properties":{"addressPrefix":"0.0.0.0/0",
        "nextHopType":"VirtualAppliance","nextHopIpAddress":"10.1.9.4"}},
        {"name":"back","properties":{"addressPrefix":"10.1.1.0/24",
        "nextHopType":"VirtualAppliance","nextHopIpAddress":"10.1.9.4"}}]}}""");
    http.put(
        NETWORK + "virtualNetworks/shop-vnet/subnets/front",
        "{\"properties\":{\"addressPrefix\":\"10.1.0.0/24\",\"routeTable\":{\"id\":\"%s\"}}}"
            .formatted(table));
    assertThat(http.reachable(OUTSIDE, "web-01", 22).path("decidedBy").asString())
        .isEqualTo("replies are routed to fw, which never saw the packet");
    assertThat(http.reachable("10.1.1.4", "web-01", 22).path("decidedBy").asString())
        .isEqualTo("fw: no rule allows it");
    assertThat(http.reachable("10.1.2.4", "web-01", 22).path("reachable").asBoolean())
        .as("the route to the own network is longer than the one to everything")
        .isTrue();
    http.put(
        FIREWALL,
        firewall(
            """
            "networkRuleCollections":[{"name":"east","properties":{"priority":100,
            "action":{"type":"Allow"},"rules":[{"name":"ssh","protocols":["TCP"],
            "sourceAddresses":["10.1.1.4"],"destinationAddresses":["10.1.0.0/24"],
            "destinationPorts":["22"]}]}}]"""));
    assertThat(http.reachable("10.1.1.4", "web-01", 22).path("reachable").asBoolean()).isTrue();
  }

  @Test
  void classicRulesAndPolicyExcludeEachOther() {
    String policy = NETWORK + "firewallPolicies/p";
    http.put(policy, "{\"location\":\"westeurope\"}");
    String managed = "\"firewallPolicy\":{\"id\":\"" + policy + "\"}";
    assertThat(http.put(FIREWALL, firewall(managed + "," + DNAT)).code())
        .isEqualTo("AzureFirewallPolicyAndRuleCollectionsConflict");
    assertThat(http.put(FIREWALL, firewall(managed)).status()).isEqualTo(200);
  }
}
