package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.RuleSetId;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Optional;

/**
 * How many ports more a firewall can lead from the internet to a machine: each takes a NAT rule and
 * a public port. Sources inside need neither.
 */
public final class FirewallRoom {
  private FirewallRoom() {}

  /** The firewall's shortage for a machine under lock-down, in NAT rules, if there is one. */
  public static Optional<Shortage> of(
      RuleSetId firewall, MachineIntent machine, ObservedFirewall observed) {
    if (!observed.exists() || observed.managedBy().isPresent() || machine.lock().isEmpty()) {
      return Optional.empty();
    }
    String name = "Azure Firewall " + firewall.value().replaceAll(".*/", "");
    if (observed.publicAddresses().isEmpty()) {
      return Optional.of(new Shortage(0, name + " has no public address"));
    }
    List<FirewallRule> nats =
        observed.collections().stream()
            .filter(c -> c.kind() == Kind.NAT)
            .flatMap(c -> c.rules().stream())
            .toList();
    MappedPorts ports = new MappedPorts(observed.publicAddresses());
    nats.forEach(ports::take);
    return Shortage.worse(
        told(
            FirewallPlanner.MOST_NAT_RULES - nats.size(),
            "%s takes %d NAT rules and has %d"
                .formatted(name, FirewallPlanner.MOST_NAT_RULES, nats.size())),
        told(
            ports.countFree(),
            "%s has hardly a public port from %d to %d free"
                .formatted(name, MappedPorts.FIRST, MappedPorts.LAST)));
  }

  /** One grant may take as many at once. */
  private static Optional<Shortage> told(int left, String reason) {
    return left < FirewallWanted.MOST_PORTS
        ? Optional.of(new Shortage(Math.max(0, left), reason))
        : Optional.empty();
  }
}
