package io.postern.azure.domain;

import io.postern.model.Cidr;
import io.postern.model.PortRange;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Inbound traffic to one machine.
 *
 * @param destinations the machine's private addresses, all of the flow's family
 * @param sources empty for any source
 */
record Traffic(Flow flow, List<PortRange> ports, List<Cidr> destinations, List<Cidr> sources) {

  /**
   * Whether the rule decides about some of this traffic, as far as its text tells: application
   * security groups count as covering the machine, tags as covering the sources.
   */
  boolean mayMeet(NsgRule rule) {
    return meetsAtDestination(rule)
        && (sources.isEmpty()
            || !rule.sourceGroups().isEmpty()
            || rule.sources().stream().anyMatch(s -> meetsSource(s, true)));
  }

  /** Whether the rule certainly decides about some of this traffic. */
  boolean surelyMeets(NsgRule rule) {
    return meetsAtDestination(rule)
        && rule.destinationGroups().isEmpty()
        && rule.sources().stream().anyMatch(s -> sources.isEmpty() || meetsSource(s, false));
  }

  private boolean meetsAtDestination(NsgRule rule) {
    return rule.inbound()
        && meetsProtocol(rule.protocol())
        && rule.destinationPorts().stream().anyMatch(this::meetsPort)
        && (!rule.destinationGroups().isEmpty()
            || rule.destinations().stream().anyMatch(this::meetsDestination));
  }

  private boolean meetsProtocol(String protocol) {
    return isAny(protocol) || protocol.equalsIgnoreCase(flow.protocol);
  }

  private boolean meetsPort(String text) {
    if (isAny(text)) {
      return true;
    }
    int dash = text.indexOf('-');
    try {
      int from = Integer.parseInt((dash < 0 ? text : text.substring(0, dash)).strip());
      int to = dash < 0 ? from : Integer.parseInt(text.substring(dash + 1).strip());
      return ports.stream().anyMatch(p -> p.from() <= to && from <= p.to());
    } catch (NumberFormatException e) {
      return true;
    }
  }

  /** Service tags other than the network's own never stand for a machine's private address. */
  private boolean meetsDestination(String text) {
    if (isAny(text) || text.equalsIgnoreCase("VirtualNetwork")) {
      return true;
    }
    Optional<AddressBlock> block = AddressBlock.parse(text);
    return block.isPresent()
        && destinations.stream().anyMatch(d -> AddressBlock.of(d).meets(block.get()));
  }

  private boolean meetsSource(String text, boolean tagsCount) {
    if (isAny(text) || text.equalsIgnoreCase("Internet")) {
      return true;
    }
    Optional<AddressBlock> block = AddressBlock.parse(text);
    return block.isPresent()
        ? sources.stream().anyMatch(s -> AddressBlock.of(s).meets(block.get()))
        : tagsCount;
  }

  static boolean isAny(String text) {
    return text.equals("*") || text.toLowerCase(Locale.ROOT).equals("any");
  }
}
