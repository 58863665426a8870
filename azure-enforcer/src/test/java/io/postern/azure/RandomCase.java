package io.postern.azure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedNsg;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** A group that people wrote, the machines behind it, and what is wanted of them. */
public final class RandomCase {
  public static final List<String> SOURCES =
      List.of("203.0.113.7", "203.0.113.9", "198.51.100.1", "10.1.0.9", "10.1.0.5");
  public static final List<Integer> PORTS = List.of(22, 53, 443, 3389, 8080);

  /** Application security groups, each named for its only member. */
  public static final List<String> GROUPS =
      List.of("10.1.0.4", "10.1.0.5", "10.1.0.9").stream().map(RandomCase::group).toList();

  private static final List<String> NETWORKS =
      List.of("*", "*", "Internet", "VirtualNetwork", "AzureLoadBalancer", "Storage");
  private static final List<String> BLOCKS =
      List.of("203.0.113.0/24", "203.0.113.7", "10.1.0.0/16", "198.51.100.0/24", "10.1.0.9/32");
  private static final List<String> TARGETS =
      List.of("10.1.0.4", "10.1.0.5", "10.1.0.4/31", "10.1.0.0/24", "10.1.0.6/32");
  private static final List<String> RANGES =
      List.of("*", "22", "20-30", "3389", "443", "53", "8000-9000", "0-65535");

  private final Random random;
  private final List<MachineFacts> machines;

  public final boolean override;
  public final ObservedNsg before;
  public final List<MachineIntent> wanted = new ArrayList<>();

  public RandomCase(long seed, List<MachineFacts> machines) {
    this(seed, machines, 2);
  }

  /**
   * @param most grants of one machine
   */
  public RandomCase(long seed, List<MachineFacts> machines, int most) {
    this.random = new Random(seed);
    this.machines = machines;
    this.override = random.nextBoolean();
    this.before = new ObservedNsg(true, "", foreign(size(), Set.of()));
    for (MachineFacts facts : machines) {
      Optional<Lock> lock = random.nextInt(4) == 0 ? Optional.empty() : Optional.of(lock());
      List<Grant> grants = new ArrayList<>();
      for (int i = random.nextInt(most + 1); i > 0 && lock.isPresent(); i--) {
        grants.add(grant(facts, lock.get()));
      }
      wanted.add(new MachineIntent(facts, lock, grants));
    }
  }

  private static String group(String member) {
    return Samples.nsgId("x").value().replace("networksecuritygroups/x", "")
        + "applicationsecuritygroups/asg-"
        + member;
  }

  /** Mostly few, so that rules meet; now and then as many as a large group has. */
  private int size() {
    return random.nextInt(40) == 0 ? 100 + random.nextInt(401) : random.nextInt(13);
  }

  /** What holds with all grants, with none, or without policies. */
  public RuleSetIntent intent(boolean locked, boolean granted) {
    return Samples.intent(
        "shared-nsg",
        wanted.stream()
            .map(
                m ->
                    new MachineIntent(
                        m.facts(),
                        locked ? m.lock() : Optional.empty(),
                        locked && granted ? m.grants() : List.of()))
            .toArray(MachineIntent[]::new));
  }

  /** Foreign rules whose priorities are free. */
  public List<NsgRule> foreign(int count, Set<Integer> taken) {
    Set<Integer> used = new HashSet<>(taken);
    List<NsgRule> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean inbound = random.nextInt(8) > 0;
      int priority = priority();
      if (inbound && !used.add(priority)) {
        continue;
      }
      List<String> from = random.nextInt(6) == 0 ? List.of(pick(GROUPS)) : List.of();
      List<String> to = random.nextInt(6) == 0 ? List.of(pick(GROUPS)) : List.of();
      rules.add(
          new NsgRule(
              "theirs-" + taken.size() + "-" + i,
              inbound,
              random.nextInt(10) < 7,
              inbound ? priority : 3000 + i,
              pick(List.of("Tcp", "Tcp", "Udp", "*")),
              !from.isEmpty()
                  ? List.of()
                  : random.nextBoolean() ? List.of(pick(NETWORKS)) : some(BLOCKS),
              List.of("*"),
              !to.isEmpty()
                  ? List.of()
                  : random.nextBoolean()
                      ? List.of(pick(List.of("*", "VirtualNetwork")))
                      : some(TARGETS),
              some(RANGES),
              from,
              to,
              "",
              NsgRule.State.IN_FORCE));
    }
    return rules;
  }

  private int priority() {
    return switch (random.nextInt(6)) {
      case 0 -> 100 + random.nextInt(6);
      case 1 -> 995 + random.nextInt(10);
      case 2 -> 4090 + random.nextInt(7);
      default -> 100 + random.nextInt(3997);
    };
  }

  private Lock lock() {
    Set<PortSpec> ports = new HashSet<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      PortRange range =
          pick(
              List.of(
                  PortRange.of(22), PortRange.of(3389), new PortRange(20, 60), PortRange.of(53)));
      ports.add(new PortSpec(range, pick(List.of(Protocol.TCP, Protocol.UDP, Protocol.ANY))));
    }
    return new Lock(
        List.of(new PolicyId("p1"), new PolicyId("p2")),
        ports.stream().sorted().toList(),
        override,
        false);
  }

  private Grant grant(MachineFacts facts, Lock lock) {
    RequestId request = new RequestId(new UUID(random.nextLong(), random.nextLong()));
    return new Grant(
        GrantId.of(request, facts.id()),
        request,
        facts.id(),
        List.of(pick(lock.ports())),
        List.of(
            Cidr.parse(pick(List.of("203.0.113.7", "203.0.113.0/24", "198.51.100.1", "10.1.0.9")))),
        Samples.NOW,
        Samples.NOW.plusSeconds(60 + 60 * random.nextInt(5)),
        new PolicyId("p1"),
        Optional.empty(),
        false);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** One or two; a star stands alone, and Azure takes no networks that overlap. */
  private List<String> some(List<String> from) {
    String one = pick(from);
    String other = pick(from);
    return one.equals(other) || one.equals("*") || other.equals("*") || overlap(one, other)
        ? List.of(one)
        : List.of(one, other);
  }

  /** Whether both are networks and have addresses in common. */
  public static boolean overlap(String one, String other) {
    try {
      return Cidr.parse(one).overlaps(Cidr.parse(other));
    } catch (InvalidValueException e) {
      return false;
    }
  }

  /** A packet and what policy says of it. */
  public record Probe(
      MachineIntent machine, NaiveNsg.Packet packet, boolean locked, boolean granted) {}

  public List<Probe> probes() {
    return probes(wanted);
  }

  /** Likewise when this is wanted. */
  public static List<Probe> probes(List<MachineIntent> wanted) {
    List<Probe> probes = new ArrayList<>();
    for (MachineIntent m : wanted) {
      for (String source : SOURCES) {
        for (int port : PORTS) {
          for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
            PortSpec spec = new PortSpec(PortRange.of(port), protocol);
            boolean locked =
                m.lock().isPresent()
                    && m.lock().get().ports().stream().anyMatch(p -> p.covers(spec));
            boolean granted =
                m.grants().stream()
                    .anyMatch(
                        g ->
                            g.ports().stream().anyMatch(p -> p.covers(spec))
                                && g.sources().stream()
                                    .anyMatch(s -> s.contains(Cidr.parse(source))));
            String text = protocol == Protocol.TCP ? "Tcp" : "Udp";
            String target = m.facts().privateAddresses().getFirst();
            probes.add(
                new Probe(m, new NaiveNsg.Packet(source, target, text, port), locked, granted));
          }
        }
      }
    }
    return probes;
  }

  @Override
  public String toString() {
    return machines.size() + " machines, override " + override + ", before " + before.rules();
  }
}
