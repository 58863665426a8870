package io.postern.azure.exposure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.domain.Ownership;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.FirstMatch.Entry;
import io.postern.enforcement.exposure.Passage;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A network security group before one address. Source ports are the sender's to choose: an allow
 * rule that names some lets everybody in who picks one, a deny rule that names some denies nobody.
 */
final class GroupLayer {
  private static final AddressSet LOAD_BALANCER = AddressSet.of("168.63.129.16");

  private final RuleSetId id;
  private final ObservedNsg group;
  private final Endpoint endpoint;
  private final Surroundings surroundings;
  private final Ownership ownership;

  GroupLayer(
      RuleSetId id,
      ObservedNsg group,
      Endpoint endpoint,
      Surroundings surroundings,
      Ownership ownership) {
    this.id = id;
    this.group = group;
    this.endpoint = endpoint;
    this.surroundings = surroundings;
    this.ownership = ownership;
  }

  /** Who gets through to a port. */
  Passage passage(Protocol protocol, int port) {
    List<Entry<Optional<DecidingRule>>> entries = new ArrayList<>();
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    boolean open = true;
    for (NsgRule rule : matching(protocol, port)) {
      Sources sources = sources(rule);
      if (rule.allows()) {
        DecidingRule decides = deciding(rule);
        entries.add(new Entry<>(sources.addresses(), Optional.of(decides)));
        if (open) {
          sources.names().forEach(n -> names.putIfAbsent(n, List.of(decides)));
        }
      } else if (isWholeSourcePort(rule)) {
        entries.add(new Entry<>(sources.addresses(), Optional.empty()));
        open &= !sources.addresses().containsAll(AddressSet.IPV4);
      }
    }
    // Azure's default rules; what they do not allow is denied.
    if (isInNetwork()) {
      entries.add(standard(endpoint.spaces(), "AllowVnetInBound"));
    }
    entries.add(standard(LOAD_BALANCER, "AllowAzureLoadBalancerInBound"));
    return Passage.decided(entries, names);
  }

  /** Likewise by rules that somebody wrote, Azure's default rules left out. */
  Passage written(Protocol protocol, int port) {
    Passage all = passage(protocol, port);
    return new Passage(
        all.pieces().stream().filter(p -> !isDefault(p.rule().getFirst())).toList(), all.names());
  }

  private static boolean isDefault(DecidingRule rule) {
    return rule.rule().equals("AllowVnetInBound")
        || rule.rule().equals("AllowAzureLoadBalancerInBound");
  }

  private Entry<Optional<DecidingRule>> standard(AddressSet sources, String name) {
    return new Entry<>(sources, Optional.of(DecidingRule.foreign(id.value(), name)));
  }

  private boolean isInNetwork() {
    return Address.parse(endpoint.address()).filter(endpoint.spaces()::contains).isPresent();
  }

  private List<NsgRule> matching(Protocol protocol, int port) {
    return group.rules().stream()
        .filter(NsgRule::inbound)
        .filter(r -> speaks(r.protocol(), protocol))
        .filter(
            r ->
                r.destinationPorts().stream()
                    .anyMatch(p -> Ports.parse(p).filter(x -> x.contains(port)).isPresent()))
        .filter(this::leadsHere)
        .sorted(Comparator.comparingInt(NsgRule::priority))
        .toList();
  }

  static boolean speaks(String rule, Protocol protocol) {
    return rule.equals("*") || rule.equalsIgnoreCase(protocol.name());
  }

  private boolean leadsHere(NsgRule rule) {
    return rule.destinationGroups().stream()
            .map(g -> g.toLowerCase(Locale.ROOT))
            .anyMatch(endpoint.groups()::contains)
        || leadsTo(rule.destinations(), endpoint);
  }

  static boolean leadsTo(List<String> destinations, Endpoint endpoint) {
    if (destinations.size() == 1 && destinations.getFirst().equals("*")) {
      return true;
    }
    Optional<Address> address = Address.parse(endpoint.address());
    return address.isPresent()
        && Sources.of(destinations, endpoint.spaces()).addresses().contains(address.get());
  }

  private Sources sources(NsgRule rule) {
    Sources named = Sources.of(rule.sources(), endpoint.spaces());
    AddressSet all = named.addresses();
    for (String member : rule.sourceGroups()) {
      all = all.union(surroundings.members(endpoint.network(), member.toLowerCase(Locale.ROOT)));
    }
    return new Sources(all, named.names());
  }

  private static boolean isWholeSourcePort(NsgRule rule) {
    return rule.sourcePorts().stream()
        .anyMatch(
            p -> Ports.parse(p).filter(x -> x.from() <= 1024 && x.to() == 65_535).isPresent());
  }

  private DecidingRule deciding(NsgRule rule) {
    return new DecidingRule(
        id.value(),
        rule.name(),
        ownership.isOurs(rule) ? ownership.grant(rule).stream().toList() : List.of());
  }
}
