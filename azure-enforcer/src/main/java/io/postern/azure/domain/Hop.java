package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.model.Cidr;
import io.postern.model.RuleSetId;
import java.util.List;
import java.util.Optional;

/**
 * A way to a machine through an Azure Firewall.
 *
 * @param managedBy why the firewall is out of reach for classic rules; empty when it is not
 * @param seenAs the addresses as which the firewall appears to machines
 * @param addresses the machine's private IPv4 addresses on this way
 * @param foreignNats NAT rules of others that lead to these addresses
 * @param onlyWay whether replies to the internet go through the firewall too, so that a public
 *     address of the machine's own is of no use
 */
public record Hop(
    RuleSetId firewall,
    Optional<String> managedBy,
    List<Cidr> seenAs,
    List<Cidr> addresses,
    List<FirewallRule> foreignNats,
    boolean onlyWay) {
  public Hop {
    seenAs = List.copyOf(seenAs);
    addresses = List.copyOf(addresses);
    foreignNats = List.copyOf(foreignNats);
  }

  /** Whether this source comes in by a public address of the firewall, and is translated there. */
  static boolean isTranslated(Cidr source) {
    return source.isPublicIpv4();
  }

  /**
   * Why a grant would let in others than its sources: a group behind the firewall cannot tell what
   * a NAT rule of somebody else's brings from what ours brings, and a lock-down that overrides
   * existing rules must not be opened to them. Empty when it lets in nobody else.
   */
  Optional<String> sharing(MachineIntent machine, Grant grant, List<FirewallRule> nats) {
    if (machine.lock().filter(Lock::override).isEmpty() || !FirewallWanted.isTranslated(grant)) {
      return Optional.empty();
    }
    return nats.stream()
        .filter(n -> FirewallWanted.leadsInto(n, grant.ports(), this))
        .filter(n -> !isWithin(n.sources(), grant))
        .findFirst()
        .map(
            n ->
                "NAT rule %s of the Azure Firewall leads %s to the same port, and the machine's group cannot tell them from the grant's sources"
                    .formatted(n.name(), String.join(", ", n.sources())));
  }

  private static boolean isWithin(List<String> sources, Grant grant) {
    return sources.stream()
        .map(AddressBlock::parse)
        .allMatch(
            block ->
                block.isPresent()
                    && grant.sources().stream()
                        .map(AddressBlock::of)
                        .anyMatch(g -> g.covers(block.get())));
  }
}
