package io.postern.aws.cloud;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.IpPermission;

/**
 * The exposure, read through EC2's API, held against the simulator's packets: random groups on
 * several interfaces, every border of every set, and addresses in between. The two know nothing of
 * each other.
 */
class ExposurePropertyTest {
  private static final int CASES = Integer.getInteger("postern.exposure.cases", 120);
  private static final List<String> SOURCES =
      List.of(
          "0.0.0.0/0",
          "0.0.0.0/1",
          "203.0.113.0/24",
          "203.0.113.7/32",
          "203.0.112.0/23",
          "198.51.100.0/25",
          "10.0.0.0/8",
          "10.9.0.0/24",
          "192.168.1.0/24");
  private static final List<String> SOURCES_6 =
      List.of("::/0", "2001:db8::/48", "2001:db8:0:1::/64", "fd00::/16");
  private static final List<PortSpec> LOOKED_AT =
      List.of(
          new PortSpec(new PortRange(20, 30), Protocol.TCP),
          new PortSpec(PortRange.of(53), Protocol.UDP));

  private final long seed = Long.getLong("postern.seed", System.nanoTime());
  private final Lab lab = new Lab();
  private final List<String> groups = new ArrayList<>();
  private final List<String> interfaces = new ArrayList<>();
  private final List<String> lists = new ArrayList<>();
  private final Set<String> members = new LinkedHashSet<>();
  private String instance = "";
  private Random random = new Random();

  @BeforeEach
  void network() {
    // What AWS's limits would make of ten thousand cases is no matter here.
    lab.adapter =
        new Ec2Adapter(
            lab.newClients(),
            lab.marks,
            lab.limits,
            false,
            io.postern.enforcement.exposure.Mode.STRICT);
    String vpc = lab.owner.createVpc(r -> r.cidrBlock("10.9.0.0/16")).vpc().vpcId();
    String subnet =
        lab.owner.createSubnet(r -> r.vpcId(vpc).cidrBlock("10.9.0.0/24")).subnet().subnetId();
    for (int i = 0; i < 5; i++) {
      String name = "g" + i;
      groups.add(
          lab.owner
              .createSecurityGroup(r -> r.groupName(name).description(name).vpcId(vpc))
              .groupId());
    }
    String image = lab.owner.describeImages(r -> {}).images().getFirst().imageId();
    instance =
        lab.owner
            .runInstances(
                r ->
                    r.imageId(image)
                        .minCount(1)
                        .maxCount(1)
                        .subnetId(subnet)
                        .securityGroupIds(groups.getFirst()))
            .instances()
            .getFirst()
            .instanceId();
    for (int i = 1; i <= 2; i++) {
      int index = i;
      String eni =
          lab.owner
              .createNetworkInterface(r -> r.subnetId(subnet).groups(groups.getFirst()))
              .networkInterface()
              .networkInterfaceId();
      if (index == 1) {
        lab.owner.attachNetworkInterface(
            r -> r.networkInterfaceId(eni).instanceId(instance).deviceIndex(index));
      }
    }
    lab.owner
        .describeNetworkInterfaces(r -> r.filters(Ec2Reader.filter("vpc-id", vpc)))
        .networkInterfaces()
        .forEach(
            e -> {
              interfaces.add(e.networkInterfaceId());
              members.add(e.privateIpAddress());
            });
    lists.add(list("IPv4", "203.0.113.0/25", "198.51.100.64/26", "10.9.0.0/30"));
    lists.add(list("IPv6", "2001:db8::/47"));
  }

  private String list(String family, String... cidrs) {
    return lab.owner
        .createManagedPrefixList(
            r ->
                r.prefixListName("list-" + family)
                    .addressFamily(family)
                    .maxEntries(5)
                    .entries(
                        java.util.Arrays.stream(cidrs)
                            .map(
                                c ->
                                    software.amazon.awssdk.services.ec2.model.AddPrefixListEntry
                                        .builder()
                                        .cidr(c)
                                        .build())
                            .toList()))
        .prefixList()
        .prefixListId();
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private void world() {
    for (String group : groups) {
      List<String> old =
          lab
              .owner
              .describeSecurityGroupRules(r -> r.filters(Ec2Reader.filter("group-id", group)))
              .securityGroupRules()
              .stream()
              .filter(r -> !r.isEgress())
              .map(r -> r.securityGroupRuleId())
              .toList();
      if (!old.isEmpty()) {
        lab.owner.revokeSecurityGroupIngress(r -> r.groupId(group).securityGroupRuleIds(old));
      }
      Set<IpPermission> rules = new LinkedHashSet<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        rules.add(permission());
      }
      if (!rules.isEmpty()) {
        lab.owner.authorizeSecurityGroupIngress(r -> r.groupId(group).ipPermissions(rules));
      }
    }
    for (String eni : interfaces) {
      Set<String> some = new LinkedHashSet<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        some.add(pick(groups));
      }
      lab.owner.modifyNetworkInterfaceAttribute(r -> r.networkInterfaceId(eni).groups(some));
    }
  }

  private IpPermission permission() {
    IpPermission.Builder p = IpPermission.builder();
    String protocol = pick(List.of("tcp", "tcp", "tcp", "udp", "-1", "icmp", "47"));
    p.ipProtocol(protocol);
    if (protocol.equals("tcp") || protocol.equals("udp")) {
      int from = pick(List.of(0, 22, 22, 20, 53, 3389, 1000));
      p.fromPort(from).toPort(pick(List.of(from, Math.max(from, 25), 6000, 65_535)));
    } else if (protocol.equals("icmp")) {
      p.fromPort(-1).toPort(-1);
    }
    switch (random.nextInt(6)) {
      case 0 -> p.ipv6Ranges(r -> r.cidrIpv6(pick(SOURCES_6)));
      case 1 -> p.prefixListIds(l -> l.prefixListId(pick(lists)));
      case 2 -> p.userIdGroupPairs(g -> g.groupId(pick(groups)));
      default -> p.ipRanges(r -> r.cidrIp(pick(SOURCES)));
    }
    return p.build();
  }

  /** Every border, the address before it and the one behind it, and others. */
  private Set<String> probes(List<PortExposure> exposure) {
    Set<String> probes = new LinkedHashSet<>(members);
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
    probes.add("2001:db8::7");
    return probes;
  }

  private static void borders(Span span, Set<String> probes) {
    probes.add(span.first().toString());
    probes.add(span.last().toString());
    for (Span other : AddressSet.of(List.of(span)).complement().spans()) {
      if (other.first().ipv6() == span.first().ipv6()) {
        boolean before = other.first().compareTo(span.first()) < 0;
        probes.add((before ? other.last() : other.first()).toString());
      }
    }
  }

  @Test
  void agreesWithThePackets() throws Exception {
    Lock lock = new Lock(List.of(new PolicyId("p")), LOOKED_AT, false, false);
    int open = 0;
    int asked = 0;
    for (long at = seed; at < seed + CASES; at++) {
      random = new Random(at);
      world();
      MachineFacts machine =
          lab.inventory().stream()
              .filter(m -> m.id().localName().equals(instance))
              .findFirst()
              .orElseThrow();
      Posture posture =
          lab.adapter.posture(new MachineIntent(machine, Optional.of(lock), List.of()));
      for (String source : probes(posture.exposure())) {
        for (PortSpec port :
            List.of(
                PortSpec.tcp(22),
                PortSpec.tcp(26),
                PortSpec.tcp(3389),
                new PortSpec(PortRange.of(53), Protocol.UDP))) {
          boolean is = lab.reaches(source, instance, port.ports().from(), port.protocol().name());
          asked++;
          open += is ? 1 : 0;
          assertThat(tells(posture, source, port))
              .as("-Dpostern.seed=%d %s to %s: %s", at, source, port, posture)
              .isEqualTo(is);
        }
      }
    }
    // Neither answer is the rule, or the comparison would mean little.
    assertThat(open).isBetween(asked / 20, asked * 19 / 20);
  }

  private static boolean tells(Posture posture, String source, PortSpec wanted) {
    AddressSet one = AddressSet.of(source);
    return posture.exposure().stream()
        .filter(e -> e.ports().covers(wanted))
        .flatMap(e -> e.reachableFrom().stream())
        .anyMatch(e -> e.sources().containsAll(one));
  }
}
