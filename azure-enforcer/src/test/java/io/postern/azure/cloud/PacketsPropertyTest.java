package io.postern.azure.cloud;

import static io.postern.azure.Samples.SUBSCRIPTION;
import static io.postern.azure.Samples.facts;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.NaiveNsg;
import io.postern.azure.RandomCase;
import io.postern.azure.RandomCase.Probe;
import io.postern.azure.Samples;
import io.postern.azure.domain.NsgRule;
import io.postern.enforcement.domain.RuleSetIntent;
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
  private static final RuleSetId SUBNETS = Samples.nsgId("subnets-nsg");
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
    scene.put(SUBNETS.value(), "{\"location\":\"westeurope\"}");
    scene.put(
        network + "virtualNetworks/net",
        """
        {"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]},
        "subnets":[{"name":"all","properties":{"addressPrefix":"10.1.0.0/24",
        "networkSecurityGroup":{"id":"%s"}}}]}}"""
            .formatted(SUBNETS));
    scene.put(NSG.value(), "{\"location\":\"westeurope\"}");
    RandomCase.GROUPS.forEach(g -> scene.put(g, "{\"location\":\"westeurope\"}"));
    scene.put(network + "networkInterfaces/other", interfaceOf(network, "10.1.0.9", ""));
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
          interfaceOf(
              network,
              address,
              """
              "publicIPAddress":{"id":"%spublicIPAddresses/%s"},"""
                  .formatted(network, m.name())));
      scene.put(
          m.id().value(),
          """
          {"location":"westeurope","properties":{"networkProfile":{"networkInterfaces":
          [{"id":"%snetworkInterfaces/%s","properties":{"primary":true}}]}}}"""
              .formatted(network, m.name()));
    }
  }

  /** In the application security group of its address, if there is one. */
  private static String interfaceOf(String network, String address, String more) {
    String groups =
        RandomCase.GROUPS.stream()
            .filter(g -> g.endsWith("/asg-" + address))
            .map("{\"id\":\"%s\"}"::formatted)
            .collect(java.util.stream.Collectors.joining(","));
    return """
    {"location":"westeurope","properties":{"networkSecurityGroup":{"id":"%s"},
    "ipConfigurations":[{"name":"ip","properties":{"primary":true,"privateIPAddress":"%s",%s
    "applicationSecurityGroups":[%s],"privateIPAllocationMethod":"Static",
    "subnet":{"id":"%svirtualNetworks/net/subnets/all"}}}]}}"""
        .formatted(NSG, address, more, groups, network);
  }

  private void put(RuleSetId nsg, List<NsgRule> rules) {
    ObjectNode group = tools.jackson.databind.json.JsonMapper.shared().createObjectNode();
    group.put("location", "westeurope");
    var array = group.putObject("properties").putArray("securityRules");
    rules.forEach(r -> array.add(document(r)));
    foreign("PUT", nsg.value(), group.toString());
  }

  private static ObjectNode document(NsgRule rule) {
    ObjectNode document = NsgJson.body(rule).put("name", rule.name());
    ObjectNode properties = (ObjectNode) document.path("properties");
    groups(properties, "source", "sourceAddressPrefixes", rule.sourceGroups());
    groups(properties, "destination", "destinationAddressPrefixes", rule.destinationGroups());
    return document;
  }

  private static void groups(ObjectNode p, String side, String instead, List<String> groups) {
    if (!groups.isEmpty()) {
      p.remove(instead);
      var array = p.putArray(side + "ApplicationSecurityGroups");
      groups.forEach(g -> array.addObject().put("id", g));
    }
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

  private JsonNode rules(RuleSetId nsg) {
    JsonNode rules = document(nsg).path("properties").path("securityRules");
    rules.forEach(r -> ((ObjectNode) r).remove("etag"));
    return rules;
  }

  /** What is on the subnet: of people's own in half of the cases, else everything may pass. */
  private static List<NsgRule> outer(long seed) {
    return seed % 2 == 0
        ? new RandomCase(~seed, MACHINES).before.rules()
        : List.of(
            new NsgRule(
                "theirs-all",
                true,
                true,
                4096,
                "*",
                List.of("*"),
                List.of("*"),
                List.of("*"),
                List.of("*"),
                List.of(),
                List.of(),
                "",
                NsgRule.State.IN_FORCE));
  }

  private static RuleSetIntent onSubnet(RuleSetIntent intent) {
    return new RuleSetIntent(
        SUBNETS, intent.scope(), intent.machines(), intent.restorePoint(), intent.now());
  }

  private void settleBoth(RuleSetIntent intent) {
    settle(intent);
    settle(onSubnet(intent));
  }

  private List<NsgRule> observed(RuleSetIntent intent) {
    return ((Observation.OfNsg) observe(intent)).nsg().rules();
  }

  @Test
  void exactlyTheGrantedGetThroughAndEverythingComesBack() {
    for (long at = seed; at < seed + CASES; at++) {
      String where = "-Dpostern.seed=" + at;
      RandomCase one = new RandomCase(at, MACHINES);
      List<NsgRule> outer = outer(at);
      put(NSG, one.before.rules());
      put(SUBNETS, outer);
      List<JsonNode> before = List.of(rules(NSG), rules(SUBNETS));
      List<Probe> probes = one.probes();
      Collections.shuffle(probes, new Random(at));
      List<Probe> some = probes.subList(0, PROBES);
      some.forEach(
          p ->
              assertThat(passes(p))
                  .as(() -> where + " before " + p)
                  .isEqualTo(
                      NaiveNsg.passes(one.before.rules(), p.packet())
                          && NaiveNsg.passes(outer, p.packet())));

      RuleSetIntent intent = one.intent(true, true);
      settleBoth(intent);
      List<NsgRule> inner = observed(intent);
      List<NsgRule> onSubnet = observed(onSubnet(intent));
      for (Probe p : some) {
        boolean is = passes(p);
        assertThat(is)
            .as(() -> where + " " + p)
            .isEqualTo(NaiveNsg.passes(inner, p.packet()) && NaiveNsg.passes(onSubnet, p.packet()));
        if (p.locked() && one.override && !isRefused(intent, p)) {
          assertThat(is).as(() -> where + " " + p).isEqualTo(p.granted());
        }
      }

      settleBoth(one.intent(true, false));
      settleBoth(one.intent(false, false));
      assertThat(List.of(rules(NSG), rules(SUBNETS))).as(where).isEqualTo(before);
    }
  }

  private boolean isRefused(RuleSetIntent intent, Probe probe) {
    return java.util.stream.Stream.of(intent, onSubnet(intent))
        .map(i -> azure.plan(i, observe(i)))
        .anyMatch(
            plan ->
                !plan.refusedGrants().isEmpty()
                    || plan.refusedLocks().containsKey(probe.machine().machine()));
  }
}
