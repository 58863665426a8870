package io.postern.azure.cloud;

import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Laws of machines behind a firewall, for random firewalls, policies and grants: real requests, the
 * simulator's packets, foreign hands at every step.
 */
class FirewallPacketsPropertyTest extends SimulatedAzure {
  private static final int CASES = Integer.getInteger("postern.cases", 10_000) / 100;
  private static final List<String> SOURCES =
      List.of("203.0.113.7", "198.51.100.1", "192.0.2.7", "10.9.0.7", "10.9.1.4");
  private static final List<Integer> PORTS = List.of(22, 3389, 443);

  private final long seed = Long.getLong("postern.seed", System.nanoTime());

  private record Probe(MachineFacts machine, String source, int port) {}

  @BeforeEach
  void putFirewall() {
    FirewallScene.routed(simulator);
  }

  @Test
  void exactlyTheGrantedGetThroughAndAllOfOthersStays() {
    for (long s = seed; s < seed + CASES; s++) {
      new Case(s).check();
    }
  }

  /** One random firewall and what is wanted of it. */
  private final class Case {
    private final String where;
    private final Random random;
    private final List<MachineFacts> machines = List.of(machine("web-01"), machine("web-02"));
    private final Map<MachineFacts, Lock> locks = new HashMap<>();
    private final Map<MachineFacts, List<Grant>> grants = new HashMap<>();
    private final Set<GrantId> refused = new LinkedHashSet<>();
    private int edits;

    Case(long seed) {
      this.where = "-Dpostern.seed=" + seed;
      this.random = new Random(seed);
      foreign("PUT", FirewallScene.FIREWALL, FirewallScene.firewall(""));
      for (int i = random.nextInt(4); i > 0; i--) {
        edit();
      }
      for (MachineFacts m : machines) {
        List<PortSpec> ports =
            random.nextBoolean()
                ? List.of(PortSpec.tcp(22))
                : List.of(PortSpec.tcp(22), new PortSpec(PortRange.of(3389), Protocol.ANY));
        locks.put(m, new Lock(List.of(new PolicyId("p")), ports, random.nextBoolean(), false));
        List<Grant> some = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          some.add(grant(m, ports.get(random.nextInt(ports.size()))));
        }
        grants.put(m, some);
      }
    }

    private Grant grant(MachineFacts machine, PortSpec port) {
      RequestId request = new RequestId(new UUID(random.nextLong(), random.nextLong()));
      Set<Cidr> sources = new LinkedHashSet<>();
      for (int i = 1 + random.nextInt(2); i > 0; i--) {
        sources.add(Cidr.parse(SOURCES.get(random.nextInt(SOURCES.size()))));
      }
      return new Grant(
          GrantId.of(request, machine.id()),
          request,
          machine.id(),
          List.of(port),
          List.copyOf(sources),
          NOW,
          NOW.plusSeconds(60),
          new PolicyId("p"),
          Optional.empty(),
          false);
    }

    void check() {
      Map<Probe, Boolean> before = probe();
      settle(true, false);
      foreignHand();
      before.putAll(probeUnlocked(before));
      settle(true, true);
      assertPackets(before);
      Map<String, String> theirs = foreignRules();
      foreignHand();
      settle(true, false);
      foreignHand();
      settle(false, false);
      assertThat(rules().toString()).as(where).doesNotContain("postern-");
      assertThat(foreignRules()).as(where).containsAllEntriesOf(theirs);
      assertThat(foreignRules()).as(where).hasSizeLessThanOrEqualTo(edits);
    }

    /** What others changed while the lock-down stood changes what was open before it, too. */
    private Map<Probe, Boolean> probeUnlocked(Map<Probe, Boolean> before) {
      JsonNode locked = document(FirewallScene.RULE_SET);
      List<JsonNode> groups = new ArrayList<>();
      machines.forEach(m -> groups.add(document(m.ruleSets().getFirst())));
      settle(false, false);
      Map<Probe, Boolean> now = probe();
      foreign("PUT", FirewallScene.FIREWALL, locked.toString());
      groups.forEach(g -> foreign("PUT", g.path("id").asString(), g.toString()));
      assertThat(now.keySet()).isEqualTo(before.keySet());
      return now;
    }

    private void foreignHand() {
      if (random.nextBoolean()) {
        edit();
      }
    }

    /** Adds a collection whose priority is free. */
    private void edit() {
      ObjectNode document = (ObjectNode) document(FirewallScene.RULE_SET);
      ObjectNode properties = (ObjectNode) document.path("properties");
      boolean nat = random.nextInt(3) == 0;
      ArrayNode collections =
          properties.withArray(nat ? "natRuleCollections" : "networkRuleCollections");
      int priority =
          switch (random.nextInt(4)) {
            case 0 -> 100 + random.nextInt(3);
            case 1 -> 9_999 + random.nextInt(4);
            case 2 -> 64_999 + random.nextInt(2);
            default -> 100 + random.nextInt(64_000);
          };
      for (JsonNode c : collections) {
        if (c.path("properties").path("priority").asInt() == priority) {
          return;
        }
      }
      ObjectNode c = collections.addObject().put("name", "theirs-" + edits++);
      ObjectNode p = c.putObject("properties").put("priority", priority);
      p.putObject("action").put("type", nat ? "Dnat" : random.nextBoolean() ? "Allow" : "Deny");
      ObjectNode rule = p.putArray("rules").addObject().put("name", "r").put("unknownMember", 1);
      rule.putArray("protocols").add(random.nextBoolean() ? "TCP" : nat ? "UDP" : "Any");
      rule.putArray("sourceAddresses").add(pick("*", "203.0.113.0/24", "10.0.0.0/8", "192.0.2.7"));
      if (nat) {
        rule.putArray("destinationAddresses").add(pick("20.50.9.9", "20.50.9.10"));
        rule.putArray("destinationPorts").add("" + (2_000 + edits));
        rule.put("translatedAddress", pick("10.1.0.4", "10.1.0.5"));
        rule.put("translatedPort", pick("22", "3389", "443"));
      } else {
        rule.putArray("destinationAddresses").add(pick("*", "10.1.0.0/24", "10.1.0.5"));
        rule.putArray("destinationPorts").add(pick("*", "22", "20-30", "443"));
      }
      foreign("PUT", FirewallScene.FIREWALL, document.toString());
    }

    private String pick(String... from) {
      return from[random.nextInt(from.length)];
    }

    private void settle(boolean locked, boolean granted) {
      refused.clear();
      machine("web-01"); // A new inventory: what others did to the firewall is known.
      Set<RuleSetId> ruleSets = new LinkedHashSet<>();
      machines.forEach(m -> ruleSets.addAll(m.ruleSets()));
      for (RuleSetId ruleSet : ruleSets) {
        List<MachineIntent> intents = new ArrayList<>();
        for (MachineFacts m : machines) {
          if (m.ruleSets().contains(ruleSet)) {
            Optional<Lock> lock = locked ? Optional.ofNullable(locks.get(m)) : Optional.empty();
            intents.add(
                new MachineIntent(
                    m, lock, granted ? grants.getOrDefault(m, List.of()) : List.of()));
          }
        }
        RuleSetIntent intent = new RuleSetIntent(ruleSet, SCOPE, intents, Optional.empty(), NOW);
        Assessment after = FirewallPacketsPropertyTest.this.settle(intent);
        Set<GrantId> not = azure.plan(intent, observe(intent)).refusedGrants().keySet();
        refused.addAll(not);
        intents.stream()
            .flatMap(i -> i.grants().stream())
            .forEach(
                g ->
                    assertThat(after.satisfied().contains(g.id()))
                        .as(where + " " + g + " in " + ruleSet)
                        .isEqualTo(!not.contains(g.id())));
      }
    }

    private Map<Probe, Boolean> probe() {
      Map<Probe, Boolean> probes = new HashMap<>();
      for (MachineFacts m : machines) {
        for (String source : SOURCES) {
          for (int port : PORTS) {
            probes.put(new Probe(m, source, port), isReachable(source, m.name(), port));
          }
        }
      }
      return probes;
    }

    private void assertPackets(Map<Probe, Boolean> before) {
      probe()
          .forEach(
              (probe, is) -> {
                PortSpec port = PortSpec.tcp(probe.port());
                Lock lock = java.util.Objects.requireNonNull(locks.get(probe.machine()));
                boolean locked = lock.ports().stream().anyMatch(p -> p.covers(port));
                List<Grant> granting =
                    grants.getOrDefault(probe.machine(), List.of()).stream()
                        .filter(g -> g.ports().getFirst().covers(port))
                        .filter(g -> g.sources().contains(Cidr.parse(probe.source())))
                        .toList();
                boolean was = before.getOrDefault(probe, false);
                String as = where + " " + probe + " in " + rules();
                if (!locked) {
                  assertThat(is).as(as).isEqualTo(was);
                } else if (granting.stream().anyMatch(g -> !refused.contains(g.id()))) {
                  assertThat(is).as(as).isTrue();
                } else if (granting.isEmpty()) {
                  assertThat(is && !was).as(as).isFalse();
                  assertThat(is && lock.override()).as(as).isFalse();
                }
              });
    }

    private JsonNode rules() {
      return document(FirewallScene.RULE_SET).path("properties");
    }

    private Map<String, String> foreignRules() {
      Map<String, String> found = new TreeMap<>();
      for (String kind : List.of("natRuleCollections", "networkRuleCollections")) {
        for (JsonNode c : rules().path(kind)) {
          if (c.path("name").asString("").startsWith("theirs")) {
            found.put(c.path("name").asString(), c.path("properties").toString());
          }
        }
      }
      return found;
    }
  }
}
