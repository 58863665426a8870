package io.postern.simulator.arm;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A packet as a security group judges it, after the public address was translated.
 *
 * @param networks the address spaces that {@code VirtualNetwork} stands for
 * @param sourceGroups keys of the application security groups that the source is in
 */
record Packet(
    Cidr source,
    Cidr destination,
    String protocol,
    int port,
    List<Cidr> networks,
    Set<String> sourceGroups,
    Set<String> destinationGroups) {

  private static final List<Cidr> PRIVATE =
      List.of(cidr("10.0.0.0/8"), cidr("172.16.0.0/12"), cidr("192.168.0.0/16"), cidr("fc00::/7"));
  private static final Cidr LOAD_BALANCER = cidr("168.63.129.16");

  private static Cidr cidr(String text) {
    Cidr cidr = Cidr.parse(text);
    if (cidr == null) {
      throw new IllegalArgumentException(text);
    }
    return cidr;
  }

  static boolean isPrivate(Cidr address) {
    return PRIVATE.stream().anyMatch(p -> p.contains(address));
  }

  /** The same packet after a firewall put its own address in the place of the source's. */
  Packet from(Cidr newSource) {
    return new Packet(
        newSource, destination, protocol, port, networks, Set.of(), destinationGroups);
  }

  boolean isFromNetwork() {
    return networks.stream().anyMatch(n -> n.contains(source));
  }

  /** Whether an address prefix or service tag of a rule covers the packet's source or target. */
  boolean matches(boolean bySource, String value) {
    Cidr address = bySource ? source : destination;
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "*", "any" -> true;
      case "virtualnetwork" -> networks.stream().anyMatch(n -> n.contains(address));
      case "azureloadbalancer" -> LOAD_BALANCER.contains(address);
      case "internet" ->
          networks.stream().noneMatch(n -> n.contains(address))
              && !isPrivate(address)
              && !LOAD_BALANCER.contains(address);
      default -> {
        Cidr prefix = Cidr.parse(value);
        yield prefix != null && prefix.contains(address);
      }
    };
  }

  boolean isIn(boolean bySource, String group) {
    return (bySource ? sourceGroups : destinationGroups).contains(group.toLowerCase(Locale.ROOT));
  }
}
