package io.postern.azure.exposure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.domain.Ownership;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.FirstMatch.Entry;
import io.postern.enforcement.exposure.Passage;
import io.postern.model.GrantId;
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

  /** What a rule says, read once for all ports. */
  private record Read(
      boolean allows,
      boolean tcp,
      boolean udp,
      List<Ports> ports,
      Sources sources,
      Optional<DecidingRule> decides) {
    boolean concerns(Protocol protocol, int port) {
      if (protocol == Protocol.TCP ? !tcp : !udp) {
        return false;
      }
      for (Ports range : ports) {
        if (range.contains(port)) {
          return true;
        }
      }
      return false;
    }
  }

  private final List<Read> rules = new ArrayList<>();
  private final List<Entry<Optional<DecidingRule>>> standard = new ArrayList<>();

  GroupLayer(
      RuleSetId id,
      ObservedNsg group,
      Endpoint endpoint,
      Surroundings surroundings,
      Ownership ownership,
      MachineIntent machine) {
    group.rules().stream()
        .filter(r -> r.inbound() && leadsHere(r, endpoint))
        .filter(r -> r.allows() || isWholeSourcePort(r))
        .sorted(Comparator.comparingInt(NsgRule::priority))
        .forEach(r -> rules.add(read(r, id, endpoint, surroundings, ownership, machine)));
    // Azure's default rules; what they do not allow is denied.
    if (Address.parse(endpoint.address()).filter(endpoint.spaces()::contains).isPresent()) {
      standard.add(standard(id, endpoint.spaces(), "AllowVnetInBound"));
    }
    standard.add(standard(id, LOAD_BALANCER, "AllowAzureLoadBalancerInBound"));
  }

  private static Read read(
      NsgRule r,
      RuleSetId id,
      Endpoint endpoint,
      Surroundings surroundings,
      Ownership ownership,
      MachineIntent machine) {
    List<GrantId> grants = ownership.isOurs(r) ? ownership.grants(r, machine) : List.of();
    return new Read(
        r.allows(),
        speaks(r.protocol(), Protocol.TCP),
        speaks(r.protocol(), Protocol.UDP),
        r.destinationPorts().stream().flatMap(t -> Ports.parse(t).stream()).toList(),
        sources(r, endpoint, surroundings),
        r.allows()
            ? Optional.of(new DecidingRule(id.value(), r.name(), grants))
            : Optional.empty());
  }

  private static Entry<Optional<DecidingRule>> standard(
      RuleSetId id, AddressSet sources, String name) {
    return new Entry<>(sources, Optional.of(DecidingRule.foreign(id.value(), name)));
  }

  /** Who gets through to a port. */
  Passage passage(Protocol protocol, int port) {
    return passage(protocol, port, standard);
  }

  /** Likewise by rules that somebody wrote, Azure's default rules left out. */
  Passage written(Protocol protocol, int port) {
    return passage(protocol, port, List.of());
  }

  private Passage passage(Protocol protocol, int port, List<Entry<Optional<DecidingRule>>> last) {
    List<Entry<Optional<DecidingRule>>> entries = new ArrayList<>();
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    boolean open = true;
    for (Read read : rules) {
      if (!read.concerns(protocol, port)) {
        continue;
      }
      entries.add(new Entry<>(read.sources().addresses(), read.decides()));
      if (!read.allows()) {
        open &= !read.sources().addresses().isAllOfIpv4();
      } else if (open) {
        for (String name : read.sources().names()) {
          names.putIfAbsent(name, List.of(read.decides().orElseThrow()));
        }
      }
    }
    entries.addAll(last);
    return Passage.decided(entries, names);
  }

  static boolean speaks(String rule, Protocol protocol) {
    return rule.equals("*") || rule.equalsIgnoreCase(protocol.name());
  }

  private static boolean leadsHere(NsgRule rule, Endpoint endpoint) {
    return leadsTo(rule.destinations(), endpoint)
        || rule.destinationGroups().stream()
            .map(g -> g.toLowerCase(Locale.ROOT))
            .anyMatch(endpoint.groups()::contains);
  }

  static boolean leadsTo(List<String> destinations, Endpoint endpoint) {
    if (destinations.size() == 1 && destinations.getFirst().equals("*")) {
      return true;
    }
    Optional<Address> address = Address.parse(endpoint.address());
    return address.isPresent()
        && Sources.of(destinations, endpoint.spaces()).addresses().contains(address.get());
  }

  private static Sources sources(NsgRule rule, Endpoint endpoint, Surroundings surroundings) {
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
}
