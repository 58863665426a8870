package io.postern.simulator.ec2;

import org.jspecify.annotations.Nullable;

/**
 * What makes a rule the same rule: protocol, ports, one peer. Protocols are canonical names or
 * numbers; where ports mean nothing both are -1. For ICMP they are type and code.
 */
record Permission(String protocol, int from, int to, Peer peer) {

  /**
   * @throws Ec2Error when protocol or ports are not ones that EC2 accepts
   */
  static Permission of(String protocol, @Nullable Integer from, @Nullable Integer to, Peer peer) {
    String name = protocolName(protocol);
    return switch (name) {
      case "tcp", "udp" -> {
        if (from == null || to == null) {
          throw Ec2Error.invalid(
              "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
        }
        if (from < 0 || to > 65535 || from > to) {
          throw Ec2Error.invalid("Invalid port range: " + from + "-" + to);
        }
        yield new Permission(name, from, to, peer);
      }
      case "icmp", "icmpv6" -> {
        int type = from == null ? -1 : from;
        int code = to == null ? -1 : to;
        if (type < -1 || type > 255 || code < -1 || code > 255) {
          throw Ec2Error.invalid("ICMP type (" + type + ") or code (" + code + ") out of range");
        }
        yield new Permission(name, type, code, peer);
      }
      default -> new Permission(name, -1, -1, peer);
    };
  }

  static String protocolName(String given) {
    return switch (given.toLowerCase(java.util.Locale.ROOT)) {
      case "-1", "all" -> "-1";
      case "tcp", "6" -> "tcp";
      case "udp", "17" -> "udp";
      case "icmp", "1" -> "icmp";
      case "icmpv6", "58" -> "icmpv6";
      default -> {
        if (!given.matches("\\d{1,3}") || Integer.parseInt(given) > 255) {
          throw Ec2Error.invalid(
              "Invalid value '" + given + "' for IP protocol. Unknown protocol.");
        }
        yield Integer.toString(Integer.parseInt(given));
      }
    };
  }

  boolean hasPorts() {
    return switch (protocol) {
      case "tcp", "udp", "icmp", "icmpv6" -> true;
      default -> false;
    };
  }

  /** Whether protocol and port let a packet through, whoever sent it. */
  boolean covers(String flowProtocol, int port) {
    if (protocol.equals("-1")) {
      return true;
    }
    if (!protocol.equals(flowProtocol)) {
      return false;
    }
    return switch (protocol) {
      case "tcp", "udp" -> from <= port && port <= to;
      case "icmp", "icmpv6" -> from == -1 || from == port;
      default -> true;
    };
  }

  @Override
  public String toString() {
    return "peer: " + peer.value() + ", " + protocol + ", from port: " + from + ", to port: " + to;
  }
}
