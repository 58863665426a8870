package io.postern.azure;

import io.postern.azure.domain.NsgRule;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a group does with a packet, the slow and obvious way: rules in order of priority, the first
 * that matches decides, then Azure's default rules. IPv4 only.
 */
public final class NaiveNsg {
  private NaiveNsg() {}

  /** One packet; the network is 10.1.0.0/16. */
  public record Packet(String source, String destination, String protocol, int port) {}

  public static boolean passes(List<NsgRule> rules, Packet packet) {
    return deciding(rules, packet).map(NsgRule::allows).orElseGet(() -> byDefault(packet));
  }

  public static Optional<NsgRule> deciding(List<NsgRule> rules, Packet packet) {
    return rules.stream()
        .filter(NsgRule::inbound)
        .sorted(Comparator.comparingInt(NsgRule::priority))
        .filter(r -> matches(r, packet))
        .findFirst();
  }

  private static boolean byDefault(Packet packet) {
    return packet.source().startsWith("10.1.") || packet.source().equals("168.63.129.16");
  }

  private static boolean matches(NsgRule rule, Packet packet) {
    return (rule.protocol().equals("*") || rule.protocol().equalsIgnoreCase(packet.protocol()))
        && rule.destinationPorts().stream().anyMatch(p -> port(p, packet.port()))
        && meets(rule.sources(), rule.sourceGroups(), packet.source())
        && meets(rule.destinations(), rule.destinationGroups(), packet.destination());
  }

  private static boolean meets(List<String> texts, List<String> groups, String address) {
    return texts.stream().anyMatch(t -> address(t, address))
        || groups.stream().anyMatch(g -> isIn(g, address));
  }

  /** An application security group is named for its only member: asg-10.1.0.5. */
  private static boolean isIn(String group, String address) {
    return group.endsWith("/asg-" + address);
  }

  private static boolean port(String text, int port) {
    if (text.equals("*")) {
      return true;
    }
    String[] ends = text.split("-", -1);
    return Integer.parseInt(ends[0]) <= port && port <= Integer.parseInt(ends[ends.length - 1]);
  }

  private static boolean address(String text, String address) {
    boolean inside = address.startsWith("10.1.");
    return switch (text) {
      case "*" -> true;
      case "VirtualNetwork" -> inside;
      case "AzureLoadBalancer" -> address.equals("168.63.129.16");
      // A tag of a service, which none of the addresses here belongs to.
      case "Storage" -> false;
      case "Internet" -> !inside && !address.equals("168.63.129.16");
      default -> {
        String[] parts = text.split("/", -1);
        int bits = parts.length == 1 ? 32 : Integer.parseInt(parts[1]);
        yield bits == 0 || number(parts[0]) >>> (32 - bits) == number(address) >>> (32 - bits);
      }
    };
  }

  private static long number(String address) {
    long n = 0;
    for (String octet : address.split("\\.", -1)) {
      n = n << 8 | Integer.parseInt(octet);
    }
    return n;
  }
}
