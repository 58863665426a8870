package io.postern.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.platform.Issuer;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A machine behind an Azure Firewall that has no rule left: nobody is promised a way in from the
 * internet, and whoever does not come through the firewall comes in as always.
 */
class FullFirewallE2E {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String SHOP =
      "/subscriptions/" + ArmScene.SUBSCRIPTION + "/resourceGroups/shop/providers/";
  private static final String NETWORK = SHOP + "Microsoft.Network/";
  private static final String VM = SHOP + "Microsoft.Compute/virtualMachines/web-02";
  private static final String OUTSIDE = "203.0.113.7";
  private static final String INSIDE = "10.1.1.4";

  @TempDir static Path home;

  private static void scene(Path state) {
    try (ArmSimulator simulator =
        ArmSimulator.start(ArmSimulator.Options.defaults().withStateFile(state))) {
      ArmScene.small(simulator);
      String rules =
          IntStream.range(0, 250)
              .mapToObj(
                  i ->
                      """
                      {"name": "n%d", "protocols": ["TCP"], "sourceAddresses": ["192.0.2.0/24"],
                       "destinationAddresses": ["20.50.9.9"], "destinationPorts": ["%d"],
                       "translatedAddress": "10.1.1.9", "translatedPort": "443"}"""
                          .formatted(i, 2000 + i))
              .collect(Collectors.joining(","));
      ArmScene.on(simulator)
          .put(
              NETWORK + "virtualNetworks/shop-vnet/subnets/AzureFirewallSubnet",
              "{\"properties\": {\"addressPrefix\": \"10.1.9.0/26\"}}")
          .put(
              NETWORK + "publicIPAddresses/fw-ip",
              "{\"location\": \"westeurope\", \"properties\": {\"ipAddress\": \"20.50.9.9\"}}")
          .put(
              NETWORK + "azureFirewalls/fw",
              """
              {"location": "westeurope", "properties": {"ipConfigurations": [{"name": "a", "properties":
               {"subnet": {"id": "%svirtualNetworks/shop-vnet/subnets/AzureFirewallSubnet"},
                "publicIPAddress": {"id": "%spublicIPAddresses/fw-ip"}}}],
               "natRuleCollections": [{"name": "theirs", "properties": {"priority": 200,
                "action": {"type": "Dnat"}, "rules": [%s]}}]}}"""
                  .formatted(NETWORK, NETWORK, rules))
          .put(
              NETWORK + "routeTables/out",
              """
              {"location": "westeurope", "properties": {"routes": [{"name": "all", "properties":
               {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": "10.1.9.4"}}]}}""")
          .put(
              NETWORK + "virtualNetworks/shop-vnet/subnets/front",
              """
              {"properties": {"addressPrefix": "10.1.0.0/24",
               "routeTable": {"id": "%srouteTables/out"}}}"""
                  .formatted(NETWORK));
    }
  }

  private static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  private static String ask(PosternClient person, String source) throws Exception {
    Api.Answer answer =
        person.call(
            "POST",
            "/api/v1/requests",
            json(
                Map.of(
                    "machines", List.of(VM),
                    "ports", List.of(Map.of("port", 22, "protocol", "TCP")),
                    "sources", List.of(source + "/32"),
                    "duration", "PT10M")),
            Map.of());
    assertThat(answer.status()).isEqualTo(202);
    return answer.headers().getOrDefault("location", "");
  }

  @Test
  void promisesNothingThatTheFirewallHasNoRuleFor() throws Exception {
    Path data = home.resolve("data");
    scene(Data.at(data).resolve("arm.json"));
    Issuer issuer = Issuer.in(home);
    try (Quickstart system =
        Quickstart.start(FreePorts.take(), Data.at(data), issuer, Console.standard(false))) {
      String web = system.clouds().web();
      PosternClient admin = new PosternClient(web, issuer.token("root", List.of("admins")));
      PosternClient alice = new PosternClient(web, issuer.token("alice", List.of("sre")));
      SimulatedMachine machine = new SimulatedMachine("azure", VM, new Api(system.clouds().arm()));
      String policy =
          json(
              Map.of(
                  "schemaVersion", 1,
                  "machines", List.of(Map.of("id", VM)),
                  "ports",
                      List.of(
                          Map.of(
                              "port",
                              22,
                              "sources",
                              List.of("203.0.113.0/24", "10.1.0.0/16"),
                              "maxDuration",
                              "PT1H")),
                  "requestors", Map.of("groups", List.of("sre")),
                  "existingRules", "override"));
      assertThat(admin.call("PUT", "/api/v1/policies/web-02", policy, Map.of()).status())
          .isEqualTo(201);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(admin.machine(VM).path("publicShortage").path("rulesLeft").asInt(-1))
                      .isZero());
      assertThat(admin.machine(VM).path("shortage").isObject()).isFalse();

      String denied = ask(alice, OUTSIDE);
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(alice.get(denied).body().path("state").asString())
                      .isEqualTo("DENIED"));
      assertThat(alice.get(denied).body().toString())
          .contains("NO_ROOM", "Azure Firewall fw takes 250 NAT rules");

      String granted = ask(alice, INSIDE);
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                JsonNode grant = alice.grant(granted, VM);
                assertThat(grant.path("state").asString("")).isEqualTo("OPEN");
              });
      assertThat(machine.packet(INSIDE, 22).reachable()).isTrue();
      assertThat(machine.packet(OUTSIDE, 22).reachable()).isFalse();
    }
  }
}
