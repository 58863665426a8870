package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import tools.jackson.databind.node.ObjectNode;

/** Random groups and packets, against a model that counts addresses as plain numbers. */
class SecurityGroupsPropertyTest {
  private static final int NETWORK = 0x0A010000;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  /** A rule in numbers: who, from where, to which port, and what happens. */
  private record Simple(
      int priority,
      boolean allow,
      boolean inbound,
      boolean udp,
      long from,
      int bits,
      int low,
      int high) {
    boolean matches(long source, int port, boolean byUdp) {
      int shift = 32 - bits;
      return inbound
          && udp == byUdp
          && low <= port
          && port <= high
          && (source >> shift) == (from >> shift);
    }

    ObjectNode properties() {
      return Json.object()
          .put("priority", priority)
          .put("access", allow ? "Allow" : "Deny")
          .put("direction", inbound ? "Inbound" : "Outbound")
          .put("protocol", udp ? "Udp" : "Tcp")
          .put("sourceAddressPrefix", text(from) + "/" + bits)
          .put("sourcePortRange", "*")
          .put("destinationAddressPrefix", "*")
          .put("destinationPortRange", low == high ? "" + low : low + "-" + high);
    }
  }

  private static String text(long address) {
    return "%d.%d.%d.%d"
        .formatted(address >> 24 & 0xff, address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff);
  }

  /** Few enough addresses and ports that rules and packets often meet. */
  private long address() {
    return (random.nextBoolean() ? NETWORK : 0xCB007100L) + random.nextInt(8);
  }

  private List<Simple> rules() {
    List<Simple> rules = new ArrayList<>();
    for (int i = random.nextInt(12); i > 0; i--) {
      int bits = 24 + random.nextInt(9);
      long from = address() >> (32 - bits) << (32 - bits);
      int low = 20 + random.nextInt(4);
      int high = low + random.nextInt(3);
      rules.add(
          new Simple(
              100 + i * 7 % 13,
              random.nextBoolean(),
              random.nextInt(4) > 0,
              random.nextInt(3) == 0,
              from,
              bits,
              low,
              high));
    }
    return rules;
  }

  private static boolean expected(List<Simple> rules, long source, int port, boolean udp) {
    Simple first = null;
    for (Simple rule : rules) {
      if (rule.matches(source, port, udp)
          && (first == null || rule.priority() < first.priority())) {
        first = rule;
      }
    }
    return first == null ? source >> 16 == NETWORK >> 16 : first.allow();
  }

  private static void store(World world, ResourceId group, List<Simple> rules) {
    world.put(Stored.settled(group, Json.object(), ""));
    for (Simple rule : rules) {
      ObjectNode doc = Json.object();
      doc.set("properties", rule.properties());
      ResourceId id = group.child("securityRules", "r" + rule.priority());
      RuleValidator.complete(id, doc);
      world.put(Stored.settled(id, doc, ""));
    }
  }

  @RepeatedTest(200)
  void bothGroupsAllowWhatTheModelAllows() {
    World world = new World();
    ResourceId subnet = ResourceId.of(Http.NSG + "subnet");
    ResourceId nic = ResourceId.of(Http.NSG + "nic");
    List<Simple> outer = rules();
    List<Simple> inner = rules();
    store(world, subnet, outer);
    store(world, nic, inner);
    SecurityGroups groups = new SecurityGroups(world);
    for (int i = 0; i < 50; i++) {
      long source = address();
      int port = 19 + random.nextInt(8);
      boolean udp = random.nextInt(3) == 0;
      Packet packet =
          new Packet(
              cidr(text(source)),
              cidr("10.1.0.4"),
              udp ? "udp" : "tcp",
              port,
              List.of(cidr("10.1.0.0/16")),
              Set.of(),
              Set.of());
      assertThat(groups.judge(packet, subnet.path(), nic.path(), true).reachable())
          .as("seed %d: %s to %d through %s and %s", seed, text(source), port, outer, inner)
          .isEqualTo(expected(outer, source, port, udp) && expected(inner, source, port, udp));
    }
  }

  private static Cidr cidr(String text) {
    Cidr cidr = Cidr.parse(text);
    assertThat(cidr).isNotNull();
    return java.util.Objects.requireNonNull(cidr);
  }
}
