package io.postern.azure.domain;

import java.util.List;

/**
 * A collection of classic rules. A firewall asks its NAT collections first, then its network
 * collections, each kind by priority; the first rule that matches decides.
 *
 * @param priority 100 to 65,000, unique among the collections of its kind, lower first
 */
public record FirewallCollection(
    Kind kind, String name, int priority, Action action, List<FirewallRule> rules) {

  /** What its rules are; application rules concern no inbound traffic and are not read. */
  public enum Kind {
    NAT,
    NETWORK
  }

  /** What its rules do. */
  public enum Action {
    DNAT,
    ALLOW,
    DENY
  }

  public FirewallCollection {
    rules = List.copyOf(rules);
  }
}
