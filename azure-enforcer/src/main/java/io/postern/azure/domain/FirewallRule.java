package io.postern.azure.domain;

import java.util.List;
import java.util.Locale;

/**
 * A classic NAT or network rule.
 *
 * @param protocols as Azure writes them: {@code TCP}, {@code UDP}, {@code Any} and others
 * @param sources addresses, networks, tags or {@code *}
 * @param destinations of a NAT rule the firewall's public address
 * @param ports numbers, ranges or {@code *}; of a NAT rule those that are connected to
 * @param unnamed whether it also names IP groups or host names, whose addresses are not known here
 * @param translatedAddress of a NAT rule where it leads; else empty
 * @param translatedPort of a NAT rule; else empty
 */
public record FirewallRule(
    String name,
    String description,
    List<String> protocols,
    List<String> sources,
    List<String> destinations,
    List<String> ports,
    boolean unnamed,
    String translatedAddress,
    String translatedPort) {
  public FirewallRule {
    protocols = List.copyOf(protocols);
    sources = List.copyOf(sources);
    destinations = List.copyOf(destinations);
    ports = List.copyOf(ports);
  }

  /** Rule names are compared without regard to case. */
  public String key() {
    return name.toLowerCase(Locale.ROOT);
  }

  FirewallRule described(String text) {
    return new FirewallRule(
        name,
        text,
        protocols,
        sources,
        destinations,
        ports,
        unnamed,
        translatedAddress,
        translatedPort);
  }

  /** All that the rule says about packets, in one spelling. The marks cover it. */
  public String content() {
    return String.join(
        " ",
        NsgRule.sorted(protocols),
        NsgRule.sorted(sources),
        NsgRule.sorted(destinations),
        NsgRule.sorted(ports),
        unnamed ? "groups" : "",
        translatedAddress,
        translatedPort);
  }

  /** The rule as one of a group would say it, to hold it beside traffic to a machine. */
  NsgRule asNsgRule(boolean allows) {
    return new NsgRule(
        name,
        true,
        allows,
        0,
        protocolOfGroups(),
        sources,
        List.of("*"),
        destinations,
        ports,
        unnamed ? List.of("?") : List.of(),
        unnamed ? List.of("?") : List.of(),
        description,
        NsgRule.State.IN_FORCE);
  }

  private String protocolOfGroups() {
    List<String> known =
        protocols.stream()
            .filter(p -> p.equalsIgnoreCase("TCP") || p.equalsIgnoreCase("UDP"))
            .distinct()
            .toList();
    boolean any = protocols.stream().anyMatch(p -> p.equalsIgnoreCase("Any")) || known.size() > 1;
    if (any) {
      return "*";
    }
    return known.isEmpty() ? String.join(",", protocols) : known.getFirst();
  }
}
