package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A rule that must be there, without its place.
 *
 * @param grant whose rule it is; empty for the lock-down's
 */
record Wanted(
    MachineIntent machine, NsgRule rule, Traffic traffic, Optional<Grant> grant, boolean override) {

  /** The deny rules of a machine's lock-down, one per flow; none when it has no address. */
  static List<Wanted> denies(MachineIntent machine, Ownership ownership) {
    List<Wanted> wanted = new ArrayList<>();
    machine
        .lock()
        .ifPresent(
            lock -> {
              for (Flow flow : Flow.values()) {
                deny(machine, lock, flow, ownership).ifPresent(wanted::add);
              }
            });
    return wanted;
  }

  private static Optional<Wanted> deny(
      MachineIntent machine, Lock lock, Flow flow, Ownership ownership) {
    List<PortRange> ports = ports(lock.ports(), flow);
    List<Cidr> addresses = addresses(machine, flow);
    if (ports.isEmpty() || addresses.isEmpty()) {
      return Optional.empty();
    }
    NsgRule rule =
        rule(
            ownership.denyName(machine.machine(), flow),
            false,
            flow,
            List.of("*"),
            addresses,
            ports,
            ownership.denyDescription(lock));
    Traffic traffic = new Traffic(flow, ports, addresses, List.of());
    return Optional.of(new Wanted(machine, rule, traffic, Optional.empty(), lock.override()));
  }

  /** The allow rules of a grant, one per flow that has sources, ports and addresses. */
  static List<Wanted> allows(MachineIntent machine, Grant grant, Ownership ownership) {
    List<Wanted> wanted = new ArrayList<>();
    for (Flow flow : Flow.values()) {
      List<PortRange> ports = ports(grant.ports(), flow);
      List<Cidr> addresses = addresses(machine, flow);
      List<Cidr> sources =
          widest(grant.sources().stream().filter(s -> s.isIpv6() == flow.ipv6).toList());
      if (ports.isEmpty() || addresses.isEmpty() || sources.isEmpty()) {
        continue;
      }
      NsgRule bare =
          rule(
              ownership.allowName(grant.id(), flow),
              true,
              flow,
              sources.stream().map(Cidr::toString).toList(),
              addresses,
              ports,
              "");
      NsgRule rule =
          bare.described(ownership.allowDescription(bare, grant.id(), grant.expiresAt()));
      wanted.add(
          new Wanted(
              machine,
              rule,
              new Traffic(flow, ports, addresses, sources),
              Optional.of(grant),
              false));
    }
    return wanted;
  }

  /** Sorted, those left out that lie in others: Azure refuses a rule in which they overlap. */
  static List<Cidr> widest(List<Cidr> networks) {
    List<Cidr> widest = new ArrayList<>();
    networks.stream()
        .sorted(
            Comparator.comparing(Cidr::isIpv6)
                .thenComparing(Cidr::first)
                .thenComparingInt(Cidr::length))
        .filter(n -> widest.isEmpty() || !widest.getLast().contains(n))
        .forEach(widest::add);
    return widest;
  }

  private static NsgRule rule(
      String name,
      boolean allows,
      Flow flow,
      List<String> sources,
      List<Cidr> destinations,
      List<PortRange> ports,
      String description) {
    return new NsgRule(
        name,
        true,
        allows,
        0,
        flow.protocol,
        sources,
        List.of("*"),
        destinations.stream().map(Wanted::destination).toList(),
        ports.stream().map(PortRange::toString).toList(),
        List.of(),
        List.of(),
        description,
        NsgRule.State.IN_FORCE);
  }

  static String destination(Cidr address) {
    return address.isSingle() ? address.addressText() : address.toString();
  }

  static List<Cidr> addresses(MachineIntent machine, Flow flow) {
    return machine.facts().privateAddresses().stream()
        .flatMap(text -> address(text).stream())
        .filter(a -> a.isIpv6() == flow.ipv6)
        .distinct()
        .sorted()
        .toList();
  }

  /** Empty for what is no address: nothing that a rule could name. */
  private static Optional<Cidr> address(String text) {
    try {
      return Optional.of(Cidr.parse(text));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }

  /** Sorted, those that overlap joined. */
  static List<PortRange> ports(List<PortSpec> specs, Flow flow) {
    return PortRange.joined(
        specs.stream()
            .filter(s -> s.protocol().covers(flow.model()))
            .map(PortSpec::ports)
            .toList());
  }
}
