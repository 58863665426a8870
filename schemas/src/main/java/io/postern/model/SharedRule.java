package io.postern.model;

import java.util.Collection;
import java.util.List;

/**
 * A rule that takes the sources of further grants: a grant of exactly these ports needs no rule of
 * its own for sources of this family.
 *
 * @param ports of one protocol, sorted, without overlaps
 */
public record SharedRule(boolean ipv6, List<PortSpec> ports) {
  public SharedRule {
    ports = List.copyOf(ports);
  }

  /**
   * The rule that a grant of these ports can share.
   *
   * @param protocol not {@link Protocol#ANY}: a rule is for one
   */
  public static SharedRule of(boolean ipv6, Protocol protocol, Collection<PortSpec> ports) {
    return new SharedRule(
        ipv6,
        PortRange.joined(
                ports.stream()
                    .filter(p -> p.protocol().covers(protocol))
                    .map(PortSpec::ports)
                    .toList())
            .stream()
            .map(range -> new PortSpec(range, protocol))
            .toList());
  }
}
