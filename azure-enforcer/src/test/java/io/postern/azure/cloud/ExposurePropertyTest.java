package io.postern.azure.cloud;

import static io.postern.azure.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.RandomCase;
import io.postern.azure.Samples;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Span;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.simulator.arm.ArmScene;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The exposure, read through Resource Manager, held against the simulator's packets: random layers,
 * every border of every set, and addresses in between. The two know nothing of each other.
 */
class ExposurePropertyTest extends SimulatedAzure {
  private static final int CASES = Integer.getInteger("postern.exposure.cases", 120);
  private static final String GROUP =
      "/subscriptions/" + Samples.SUBSCRIPTION + "/resourceGroups/any";
  private static final String NETWORK = GROUP + "/providers/Microsoft.Network/";
  private static final List<String> SOURCES =
      List.of(
          "*",
          "Internet",
          "VirtualNetwork",
          "AzureLoadBalancer",
          "203.0.113.0/24",
          "203.0.113.7",
          "203.0.112.0/23",
          "198.51.100.0/25",
          "0.0.0.0/1",
          "128.0.0.0/1",
          "10.0.0.0/8",
          "10.7.0.0/24",
          "10.7.1.9",
          "10.8.0.0/16",
          "192.168.1.0/24",
          "172.20.0.0/16");
  private static final List<String> SOURCES_6 =
      List.of("*", "Internet", "VirtualNetwork", "2001:db8::/48", "2001:db8:0:1::/64", "fd00::/16");
  private static final List<String> PORTS =
      List.of("*", "22", "20-30", "3389", "22-3389", "53", "1000-6000", "5985-5986");
  private static final List<PortSpec> LOOKED_AT =
      List.of(
          new PortSpec(new PortRange(20, 30), Protocol.TCP),
          new PortSpec(PortRange.of(53), Protocol.UDP));

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private Random random = new Random();
  private ArmScene scene = ArmScene.on(simulator);

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  private void put(String type, String name, String properties) {
    scene.put(
        NETWORK + type + "/" + name,
        "{\"location\":\"westeurope\",%s\"properties\":{%s}}"
            .formatted(
                type.equals("publicIPAddresses") && random.nextBoolean()
                    ? "\"sku\":{\"name\":\"Standard\"},"
                    : "",
                properties));
  }

  private static String reference(String type, String name) {
    return "{\"id\":\"%s%s/%s\"}".formatted(NETWORK, type, name);
  }

  private static String texts(List<String> values) {
    return "[\"" + String.join("\",\"", values) + "\"]";
  }

  private String rules() {
    List<String> rules = new ArrayList<>();
    Set<Integer> taken = new LinkedHashSet<>();
    for (int i = chance(15) ? 60 : random.nextInt(9); i > 0; i--) {
      int priority = 100 + random.nextInt(3997);
      if (taken.add(priority)) {
        rules.add(rule("r" + i, priority));
      }
    }
    return "[" + String.join(",", rules) + "]";
  }

  private String rule(String name, int priority) {
    boolean six = chance(5);
    String source =
        chance(7)
            ? "\"sourceApplicationSecurityGroups\":["
                + reference("applicationSecurityGroups", chance(2) ? "a" : "b")
                + "]"
            : values("sourceAddressPrefix", some(six ? SOURCES_6 : SOURCES));
    String destination =
        chance(7)
            ? "\"destinationApplicationSecurityGroups\":["
                + reference("applicationSecurityGroups", "a")
                + "]"
            : "\"destinationAddressPrefix\":\""
                + pick(
                    six
                        ? List.of("*", "fd00::/8")
                        : List.of("*", "*", "VirtualNetwork", "10.7.0.4", "10.7.0.0/24"))
                + "\"";
    return """
    {"name":"%s","properties":{"protocol":"%s","access":"%s","direction":"%s","priority":%d,
    %s,"sourcePortRange":"*",%s,%s}}"""
        .formatted(
            name,
            pick(List.of("Tcp", "Tcp", "Udp", "*")),
            chance(3) ? "Deny" : "Allow",
            chance(9) ? "Outbound" : "Inbound",
            priority,
            source,
            destination,
            values("destinationPortRange", some(PORTS)));
  }

  /** Resource Manager takes tags and asterisks in the singular form only. */
  private static String values(String name, List<String> values) {
    return values.size() == 1
        ? "\"%s\":\"%s\"".formatted(name, values.getFirst())
        : "\"%s\":%s".formatted(name.endsWith("x") ? name + "es" : name + "s", texts(values));
  }

  /** One or two; tags and asterisks stand alone, and Azure takes no networks that overlap. */
  private List<String> some(List<String> from) {
    String one = pick(from);
    String other = pick(from);
    boolean alone =
        one.equals(other)
            || RandomCase.overlap(one, other)
            || !Character.isDigit(one.charAt(0))
            || !Character.isDigit(other.charAt(0));
    return alone ? List.of(one) : List.of(one, other);
  }

  private void world() {
    simulator("reset", "{}");
    scene.put(GROUP, "{\"location\":\"westeurope\"}");
    put("virtualNetworks", "peer", "\"addressSpace\":{\"addressPrefixes\":[\"10.8.0.0/16\"]}");
    List.of("a", "b").forEach(g -> put("applicationSecurityGroups", g, ""));
    List.of("nic", "subnet")
        .forEach(g -> put("networkSecurityGroups", g, "\"securityRules\":" + rules()));
    List.of("vm", "vm6", "fw").forEach(this::publicAddress);
    boolean firewall = chance(2);
    if (firewall && chance(2)) {
      put("routeTables", "out", "\"routes\":" + routes());
    }
    network(firewall);
    if (firewall) {
      put("azureFirewalls", "fw", firewallProperties());
    }
    nic(
        "other",
        "10.7.1.9",
        "\"applicationSecurityGroups\":[" + reference("applicationSecurityGroups", "b") + "],",
        false);
    nic(
        "vm",
        "10.7.0.4",
        (chance(3) ? "" : "\"publicIPAddress\":" + reference("publicIPAddresses", "vm") + ",")
            + (chance(2)
                ? ""
                : "\"applicationSecurityGroups\":["
                    + reference("applicationSecurityGroups", "a")
                    + "],"),
        chance(4));
    scene.put(
        GROUP + "/providers/Microsoft.Compute/virtualMachines/vm",
        """
        {"location":"westeurope","properties":{"networkProfile":{"networkInterfaces":[%s]}}}"""
            .formatted(reference("networkInterfaces", "vm")));
  }

  private void publicAddress(String name) {
    String address =
        name.equals("vm6") ? "2603:1020::4" : name.equals("vm") ? "20.61.0.4" : "20.61.0.9";
    put("publicIPAddresses", name, "\"ipAddress\":\"" + address + "\"");
  }

  private String routes() {
    List<String> routes = new ArrayList<>();
    for (String prefix : List.of("0.0.0.0/0", "10.7.0.0/16", "203.0.113.0/24", "10.8.0.0/17")) {
      if (chance(2)) {
        routes.add(
            """
            {"name":"r%d","properties":{"addressPrefix":"%s",%s}}"""
                .formatted(
                    routes.size(),
                    prefix,
                    chance(4)
                        ? "\"nextHopType\":\"Internet\""
                        : "\"nextHopType\":\"VirtualAppliance\",\"nextHopIpAddress\":\"10.7.9.4\""));
      }
    }
    return "[" + String.join(",", routes) + "]";
  }

  private void network(boolean firewall) {
    String table =
        firewall && get(NETWORK + "routeTables/out?api-version=2025-03-01").has("properties")
            ? ",\"routeTable\":" + reference("routeTables", "out")
            : "";
    String group =
        chance(2)
            ? ""
            : ",\"networkSecurityGroup\":" + reference("networkSecurityGroups", "subnet");
    String peerings =
        chance(2)
            ? ""
            : ",\"virtualNetworkPeerings\":[{\"name\":\"p\",\"properties\":{\"remoteVirtualNetwork\":"
                + reference("virtualNetworks", "peer")
                + "}}]";
    put(
        "virtualNetworks",
        "net",
        """
        "addressSpace":{"addressPrefixes":["10.7.0.0/16","fd00:7::/48"]}%s,"subnets":[
        {"name":"all","properties":{"addressPrefixes":["10.7.0.0/23"]%s%s}},
        {"name":"AzureFirewallSubnet","properties":{"addressPrefix":"10.7.9.0/26"}}]"""
            .formatted(peerings, group, table));
  }

  private void nic(String name, String address, String more, boolean six) {
    String subnet = "\"subnet\":" + reference("virtualNetworks", "net/subnets/all");
    String second =
        """
        ,{"name":"six","properties":{"privateIPAddress":"fd00:7::4","privateIPAddressVersion":"IPv6",
        "publicIPAddress":%s,%s}}"""
            .formatted(reference("publicIPAddresses", "vm6"), subnet);
    put(
        "networkInterfaces",
        name,
        """
        %s"ipConfigurations":[{"name":"ip","properties":{"privateIPAddress":"%s",%s%s}}%s]"""
            .formatted(
                chance(3)
                    ? ""
                    : "\"networkSecurityGroup\":" + reference("networkSecurityGroups", "nic") + ",",
                address,
                more,
                subnet,
                six ? second : ""));
  }

  private String firewallProperties() {
    return """
    "ipConfigurations":[{"name":"a","properties":{"subnet":%s,"publicIPAddress":%s}}]%s%s"""
        .formatted(
            reference("virtualNetworks", "net/subnets/AzureFirewallSubnet"),
            reference("publicIPAddresses", "fw"),
            collections("natRuleCollections"),
            collections("networkRuleCollections"));
  }

  private String collections(String kind) {
    boolean nat = kind.startsWith("nat");
    List<String> collections = new ArrayList<>();
    for (int c = random.nextInt(4); c > 0; c--) {
      List<String> rules = new ArrayList<>();
      for (int r = 1 + random.nextInt(4); r > 0; r--) {
        rules.add(
            """
            {"name":"r%d","protocols":["%s"],"sourceAddresses":%s,"destinationAddresses":["%s"],
            "destinationPorts":["%s"]%s}"""
                .formatted(
                    r,
                    pick(List.of("TCP", "UDP", "Any")),
                    texts(some(SOURCES)),
                    nat
                        ? pick(List.of("20.61.0.9", "20.61.0.9", "20.61.0.77"))
                        : pick(List.of("*", "10.7.0.0/24", "10.7.0.4", "10.9.0.0/16")),
                    nat ? pick(List.of("2222", "2223")) : pick(PORTS),
                    nat
                        ? ",\"translatedAddress\":\"%s\",\"translatedPort\":\"%s\""
                            .formatted(
                                pick(List.of("10.7.0.4", "10.7.0.4", "10.7.1.9")),
                                pick(List.of("22", "53", "3389")))
                        : ""));
      }
      collections.add(
          """
          {"name":"c%d","properties":{"priority":%d,"action":{"type":"%s"},"rules":[%s]}}"""
              .formatted(
                  c,
                  200 + 10 * c + random.nextInt(9),
                  nat ? "Dnat" : pick(List.of("Allow", "Allow", "Deny")),
                  String.join(",", rules)));
    }
    return collections.isEmpty()
        ? ""
        : ",\"%s\":[%s]".formatted(kind, String.join(",", collections));
  }

  /** Every border, the address before it and the one behind it, and others. */
  private Set<String> probes(List<PortExposure> exposure) {
    Set<String> probes = new LinkedHashSet<>();
    exposure.stream()
        .flatMap(e -> e.reachableFrom().stream())
        .flatMap(e -> e.sources().spans().stream())
        .forEach(s -> borders(s, probes));
    for (String text : SOURCES) {
      Span.parse(text).ifPresent(s -> borders(s, probes));
    }
    for (int i = 0; i < 6; i++) {
      probes.add(
          "%d.%d.%d.%d"
              .formatted(
                  1 + random.nextInt(223),
                  random.nextInt(256),
                  random.nextInt(256),
                  random.nextInt(256)));
    }
    probes.addAll(List.of("10.7.9.4", "10.7.0.4", "168.63.129.16", "2001:db8::7", "fd00:7::9"));
    return probes;
  }

  private static void borders(Span span, Set<String> probes) {
    probes.add(span.first().toString());
    probes.add(span.last().toString());
    AddressSet around = AddressSet.of(List.of(span)).complement();
    for (Span other : around.spans()) {
      if (other.first().ipv6() == span.first().ipv6()) {
        probes.add(
            (other.first().compareTo(span.first()) < 0 ? other.last() : other.first()).toString());
      }
    }
  }

  private boolean reaches(String source, int port, Protocol protocol) {
    return simulator(
            "reachable",
            """
            {"source":"%s","machine":"%s/providers/Microsoft.Compute/virtualMachines/vm","port":%d,"protocol":"%s"}"""
                .formatted(source, GROUP, port, protocol))
        .path("reachable")
        .asBoolean();
  }

  @Test
  void agreesWithThePackets() throws Exception {
    Lock lock = new Lock(List.of(new PolicyId("p")), LOOKED_AT, false, false);
    int open = 0;
    int asked = 0;
    for (long at = seed; at < seed + CASES; at++) {
      random = new Random(at);
      world();
      MachineFacts vm = azure.inventory(SCOPE).getFirst();
      Posture posture = azure.posture(new MachineIntent(vm, Optional.of(lock), List.of()));
      for (String source : probes(posture.exposure())) {
        for (int port : List.of(22, 25, 3389, 5985)) {
          Protocol protocol = port == 25 ? Protocol.UDP : Protocol.TCP;
          int number = port == 25 ? 53 : port;
          boolean is = reaches(source, number, protocol);
          boolean told = tells(posture, source, number, protocol);
          asked++;
          open += is ? 1 : 0;
          assertThat(told)
              .as("-Dpostern.seed=%d %s to %d/%s: %s", at, source, number, protocol, posture)
              .isEqualTo(is);
        }
      }
    }
    // Neither answer is the rule, or the comparison would mean little.
    assertThat(open).isBetween(asked / 20, asked * 19 / 20);
  }

  private static boolean tells(Posture posture, String source, int port, Protocol protocol) {
    PortSpec wanted = new PortSpec(PortRange.of(port), protocol);
    AddressSet one = AddressSet.of(source);
    return posture.exposure().stream()
        .filter(e -> e.ports().covers(wanted))
        .flatMap(e -> e.reachableFrom().stream())
        .anyMatch(e -> e.sources().containsAll(one));
  }
}
