package io.postern.azure.cloud;

import io.postern.azure.Samples;
import io.postern.model.RuleSetId;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.util.Locale;

/** Puts an Azure Firewall with two public addresses before the small scene's front subnet. */
public final class FirewallScene {
  private static final String NETWORK =
      "/subscriptions/"
          + Samples.SUBSCRIPTION
          + "/resourceGroups/shop/providers/Microsoft.Network/";
  public static final String FIREWALL = NETWORK + "azureFirewalls/fw";
  public static final RuleSetId RULE_SET = new RuleSetId(FIREWALL.toLowerCase(Locale.ROOT));

  private FirewallScene() {}

  /** The firewall, and routes of the front subnet that lead to it. */
  public static void routed(ArmSimulator simulator) {
    unrouted(simulator);
    ArmScene.on(simulator)
        .put(
            NETWORK + "routeTables/out",
            """
            {"location":"westeurope","properties":{"routes":[{"name":"all","properties":
            {"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance",
            "nextHopIpAddress":"10.1.9.4"}}]}}""")
        .put(
            NETWORK + "virtualNetworks/shop-vnet/subnets/front",
            "{\"properties\":{\"addressPrefix\":\"10.1.0.0/24\",\"routeTable\":{\"id\":\"%sroutetables/out\"}}}"
                .formatted(NETWORK));
  }

  /** The firewall alone. */
  public static void unrouted(ArmSimulator simulator) {
    ArmScene scene = ArmScene.on(simulator);
    scene.put(
        NETWORK + "virtualNetworks/shop-vnet/subnets/AzureFirewallSubnet",
        "{\"properties\":{\"addressPrefix\":\"10.1.9.0/26\"}}");
    for (String last : new String[] {"9", "10"}) {
      scene.put(
          NETWORK + "publicIPAddresses/fw-ip-" + last,
          "{\"location\":\"westeurope\",\"properties\":{\"ipAddress\":\"20.50.9.%s\"}}"
              .formatted(last));
    }
    scene.put(FIREWALL, firewall(""));
  }

  /** The firewall's document with more members of its properties. */
  static String firewall(String more) {
    return """
    {"location":"westeurope","tags":{"kept":"yes"},"properties":{"unknownMember":{"kept":[1,null]},
    "ipConfigurations":[
    {"name":"a","properties":{"subnet":{"id":"%svirtualNetworks/shop-vnet/subnets/AzureFirewallSubnet"},
    "publicIPAddress":{"id":"%spublicIPAddresses/fw-ip-9"}}},
    {"name":"b","properties":{"publicIPAddress":{"id":"%spublicIPAddresses/fw-ip-10"}}}]%s}}"""
        .formatted(NETWORK, NETWORK, NETWORK, more.isEmpty() ? "" : "," + more);
  }

  /** A NAT collection of somebody else's that leads port 2222 of 20.50.9.9 to web-02's ssh. */
  static String foreignNat() {
    return """
    "natRuleCollections":[{"name":"theirs","properties":{"priority":200,"action":{"type":"Dnat"},
    "rules":[{"name":"ssh","protocols":["TCP"],"sourceAddresses":["192.0.2.0/24"],
    "destinationAddresses":["20.50.9.9"],"destinationPorts":["2222"],
    "translatedAddress":"10.1.0.5","translatedPort":"22","unknownMember":true}]}}]""";
  }

  /** A network collection of somebody else's. */
  static String foreignNetwork(String name, int priority, String action, String source) {
    return """
    {"name":"%s","properties":{"priority":%d,"action":{"type":"%s"},"rules":[{"name":"r",
    "protocols":["TCP"],"sourceAddresses":["%s"],"destinationAddresses":["10.1.0.0/24"],
    "destinationPorts":["20-30"]}]}}"""
        .formatted(name, priority, action, source);
  }
}
