package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.Cidr;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The rules that a machine's lock-down and its grants ask of a firewall. Classic rules know IPv4
 * only; what comes over IPv6 comes on another way.
 */
final class FirewallWanted {
  /** A NAT rule leads to one port only, so that each port of a range takes a rule of its own. */
  static final int MOST_PORTS = 16;

  private static final List<Flow> FLOWS = List.of(Flow.TCP, Flow.UDP);

  private final FirewallOwnership ownership;

  FirewallWanted(FirewallOwnership ownership) {
    this.ownership = ownership;
  }

  /** A rule and the traffic that it is about. */
  record Network(FirewallRule rule, Traffic traffic) {}

  /** A NAT rule whose public address and port are still to be chosen. */
  record Nat(Grant grant, Flow flow, int port, Cidr target, List<Cidr> sources, String name) {
    Traffic traffic() {
      return new Traffic(flow, List.of(PortRange.of(port)), List.of(target), sources);
    }
  }

  static boolean isConcerned(Grant grant) {
    return grant.sources().stream().anyMatch(s -> !s.isIpv6());
  }

  List<Network> denies(MachineIntent machine, Hop hop) {
    List<Network> rules = new ArrayList<>();
    machine.lock().ifPresent(lock -> FLOWS.forEach(f -> deny(machine, lock, hop, f, rules)));
    return rules;
  }

  private void deny(MachineIntent machine, Lock lock, Hop hop, Flow flow, List<Network> rules) {
    List<PortRange> ports = Wanted.ports(lock.ports(), flow);
    if (!ports.isEmpty() && !hop.addresses().isEmpty()) {
      String name = ownership.denyName(machine.machine(), flow);
      FirewallRule rule =
          network(name, flow, List.of("*"), hop, ports).described(ownership.denyDescription(lock));
      rules.add(new Network(rule, new Traffic(flow, ports, hop.addresses(), List.of())));
    }
  }

  /**
   * The network rules of a grant. Translated traffic has one too: Azure lets a deny of the network
   * rules stand above what a NAT rule lets in, and our own lock-down is one.
   */
  List<Network> allows(Grant grant, Hop hop) {
    List<Cidr> sources = sources(grant);
    List<Network> rules = new ArrayList<>();
    for (Flow flow : FLOWS) {
      List<PortRange> ports = Wanted.ports(grant.ports(), flow);
      if (!ports.isEmpty() && !sources.isEmpty() && !hop.addresses().isEmpty()) {
        FirewallRule bare =
            network(ownership.allowName(grant.id(), flow), flow, texts(sources), hop, ports);
        rules.add(
            new Network(
                ownership.marked(bare, grant), new Traffic(flow, ports, hop.addresses(), sources)));
      }
    }
    return rules;
  }

  /** How many NAT rules a grant would take. */
  static int translations(Grant grant) {
    return FLOWS.stream()
        .flatMap(f -> Wanted.ports(grant.ports(), f).stream())
        .mapToInt(p -> p.to() - p.from() + 1)
        .sum();
  }

  static boolean isTranslated(Grant grant) {
    return grant.sources().stream().anyMatch(Hop::isTranslated);
  }

  List<Nat> nats(Grant grant, Hop hop) {
    List<Cidr> sources = sources(grant).stream().filter(Hop::isTranslated).toList();
    List<Nat> wanted = new ArrayList<>();
    if (sources.isEmpty() || hop.addresses().isEmpty()) {
      return wanted;
    }
    for (Flow flow : FLOWS) {
      for (PortRange range : Wanted.ports(grant.ports(), flow)) {
        for (int port = range.from(); port <= range.to(); port++) {
          String name = ownership.allowName(grant.id(), flow) + "-" + port;
          wanted.add(new Nat(grant, flow, port, hop.addresses().getFirst(), sources, name));
        }
      }
    }
    return wanted;
  }

  FirewallRule at(Nat nat, MappedPorts.Place place) {
    FirewallRule bare =
        new FirewallRule(
            nat.name(),
            "",
            List.of(nat.flow().protocol.toUpperCase(Locale.ROOT)),
            texts(nat.sources()),
            List.of(place.address()),
            List.of(Integer.toString(place.port())),
            false,
            nat.target().addressText(),
            Integer.toString(nat.port()));
    return ownership.marked(bare, nat.grant());
  }

  private static FirewallRule network(
      String name, Flow flow, List<String> sources, Hop hop, List<PortRange> ports) {
    return new FirewallRule(
        name,
        "",
        List.of(flow.protocol.toUpperCase(Locale.ROOT)),
        sources,
        hop.addresses().stream().map(Wanted::destination).toList(),
        ports.stream().map(PortRange::toString).toList(),
        false,
        "",
        "");
  }

  private static List<Cidr> sources(Grant grant) {
    return grant.sources().stream().filter(s -> !s.isIpv6()).distinct().sorted().toList();
  }

  private static List<String> texts(List<Cidr> cidrs) {
    return cidrs.stream().map(Wanted::destination).toList();
  }

  /** Whether a NAT rule leads into the traffic of these ports. */
  static boolean leadsInto(FirewallRule rule, List<PortSpec> ports, Hop hop) {
    FirewallRule translated =
        new FirewallRule(
            rule.name(),
            "",
            rule.protocols(),
            rule.sources(),
            List.of(rule.translatedAddress()),
            List.of(rule.translatedPort()),
            false,
            "",
            "");
    return FLOWS.stream()
        .map(f -> new Traffic(f, Wanted.ports(ports, f), hop.addresses(), List.of()))
        .anyMatch(t -> t.mayMeet(translated.asNsgRule(true)));
  }
}
