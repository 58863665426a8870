package io.postern.azure.cloud;

import static io.postern.azure.Samples.SUBSCRIPTION;
import static io.postern.azure.Samples.facts;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.NaiveNsg;
import io.postern.azure.RandomCase;
import io.postern.azure.RandomCase.Probe;
import io.postern.azure.Samples;
import io.postern.azure.domain.NsgRule;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import io.postern.simulator.arm.ArmScene;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The planner's laws through the wire: real requests, the simulator's packets. */
class PacketsPropertyTest extends SimulatedAzure {
  private static final int CASES = Integer.getInteger("postern.cases", 10_000) / 50;
  private static final int PROBES = 40;
  private static final RuleSetId NSG = Samples.nsgId("shared-nsg");
  private static final List<MachineFacts> MACHINES =
      List.of(facts("a", "10.1.0.4"), facts("b", "10.1.0.5"), facts("c", "10.1.0.6"));

  private final long seed = Long.getLong("postern.seed", System.nanoTime());

  @BeforeEach
  void threeMachinesBehindOneGroup() {
    simulator("reset", "{}");
    String group = "/subscriptions/" + SUBSCRIPTION + "/resourceGroups/shop";
    String network = group + "/providers/Microsoft.Network/";
    ArmScene scene = ArmScene.on(simulator);
    scene.put(group, "{\"location\":\"westeurope\"}");
    scene.put(
        network + "virtualNetworks/net",
        """
        {"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]},
        "subnets":[{"name":"all","properties":{"addressPrefix":"10.1.0.0/24"}}]}}""");
    scene.put(NSG.value(), "{\"location\":\"westeurope\"}");
    for (MachineFacts m : MACHINES) {
      String address = m.privateAddresses().getFirst();
      scene.put(
          network + "publicIPAddresses/" + m.name(),
          """
          {"location":"westeurope","sku":{"name":"Standard"},"properties":
          {"publicIPAllocationMethod":"Static","ipAddress":"20.50.1.%s"}}"""
              .formatted(address.substring(address.lastIndexOf('.') + 1)));
      scene.put(
          network + "networkInterfaces/" + m.name(),
          """
          {"location":"westeurope","properties":{"networkSecurityGroup":{"id":"%s"},
          "ipConfigurations":[{"name":"ip","properties":{"primary":true,"privateIPAddress":"%s",
          "privateIPAllocationMethod":"Static","subnet":{"id":"%svirtualNetworks/net/subnets/all"},
          "publicIPAddress":{"id":"%spublicIPAddresses/%s"}}}]}}"""
              .formatted(NSG, address, network, network, m.name()));
      scene.put(
          m.id().value(),
          """
          {"location":"westeurope","properties":{"networkProfile":{"networkInterfaces":
          [{"id":"%snetworkInterfaces/%s","properties":{"primary":true}}]}}}"""
              .formatted(network, m.name()));
    }
  }

  private void put(List<NsgRule> rules) {
    ObjectNode group = tools.jackson.databind.json.JsonMapper.shared().createObjectNode();
    group.put("location", "westeurope");
    var array = group.putObject("properties").putArray("securityRules");
    rules.forEach(r -> array.add(NsgJson.body(r).put("name", r.name())));
    foreign("PUT", NSG.value(), group.toString());
  }

  private boolean passes(Probe probe) {
    return simulator(
            "reachable",
            """
            {"source":"%s","machine":"%s","port":%d,"protocol":"%s"}"""
                .formatted(
                    probe.packet().source(),
                    probe.machine().machine(),
                    probe.packet().port(),
                    probe.packet().protocol()))
        .path("reachable")
        .asBoolean();
  }

  private JsonNode rules() {
    JsonNode rules = document(NSG).path("properties").path("securityRules");
    rules.forEach(r -> ((ObjectNode) r).remove("etag"));
    return rules;
  }

  @Test
  void exactlyTheGrantedGetThroughAndEverythingComesBack() {
    for (long at = seed; at < seed + CASES; at++) {
      String where = "-Dpostern.seed=" + at;
      RandomCase one = new RandomCase(at, MACHINES);
      put(one.before.rules());
      JsonNode before = rules();
      List<Probe> probes = one.probes();
      Collections.shuffle(probes, new Random(at));
      List<Probe> some = probes.subList(0, PROBES);
      some.forEach(
          p ->
              assertThat(passes(p))
                  .as(() -> where + " before " + p)
                  .isEqualTo(NaiveNsg.passes(one.before.rules(), p.packet())));

      settle(one.intent(true, true));
      Observation after = observe(one.intent(true, true));
      var plan = azure.plan(one.intent(true, true), after);
      for (Probe p : some) {
        boolean is = passes(p);
        assertThat(is)
            .as(() -> where + " " + p)
            .isEqualTo(NaiveNsg.passes(((Observation.OfNsg) after).nsg().rules(), p.packet()));
        boolean refused =
            !plan.refusedGrants().isEmpty()
                || plan.refusedLocks().containsKey(p.machine().machine());
        if (p.locked() && one.override && !refused) {
          assertThat(is).as(() -> where + " " + p).isEqualTo(p.granted());
        }
      }

      settle(one.intent(true, false));
      settle(one.intent(false, false));
      assertThat(rules()).as(where).isEqualTo(before);
    }
  }
}
