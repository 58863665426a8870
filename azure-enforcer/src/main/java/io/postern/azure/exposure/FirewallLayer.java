package io.postern.azure.exposure;

import io.postern.azure.domain.FirewallCollection;
import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.azure.domain.FirewallOwnership;
import io.postern.azure.domain.FirewallRule;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.FirstMatch.Entry;
import io.postern.enforcement.exposure.Passage;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An Azure Firewall on the way to one address: its NAT rules translate what comes to its public
 * addresses, its network rules judge what is routed through it. IP groups and host names in a rule
 * are not resolved: such a rule counts as letting in everybody when it allows, and nobody else when
 * it denies.
 */
final class FirewallLayer {
  private final Surroundings.Firewall firewall;
  private final Endpoint endpoint;
  private final FirewallOwnership ownership;

  FirewallLayer(Surroundings.Firewall firewall, Endpoint endpoint, FirewallOwnership ownership) {
    this.firewall = firewall;
    this.endpoint = endpoint;
    this.ownership = ownership;
  }

  private record Placed(FirewallCollection collection, FirewallRule rule) {}

  private List<Placed> ordered(Kind kind) {
    return firewall.observed().collections().stream()
        .filter(c -> c.kind() == kind)
        .sorted(Comparator.comparingInt(FirewallCollection::priority))
        .flatMap(c -> c.rules().stream().map(r -> new Placed(c, r)))
        .toList();
  }

  /** Who gets through to a port when routed this way. */
  Passage routed(Protocol protocol, int port) {
    if (firewall.observed().managedBy().isPresent()) {
      return Passage.everybody(
          DecidingRule.foreign(
              firewall.id().value(), "rules of Firewall Manager, which are not read"));
    }
    List<Entry<Optional<DecidingRule>>> entries = new ArrayList<>();
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    for (Placed p : ordered(Kind.NETWORK)) {
      boolean allows = p.collection().action() == Action.ALLOW;
      FirewallRule rule = p.rule();
      boolean unknown = rule.unnamed() && allows;
      boolean matches =
          speaks(rule, protocol)
              && rule.ports().stream()
                  .anyMatch(t -> Ports.parse(t).filter(x -> x.contains(port)).isPresent())
              && (unknown || GroupLayer.leadsTo(rule.destinations(), endpoint));
      if (matches) {
        Sources sources = Sources.of(rule.sources(), endpoint.spaces());
        Optional<DecidingRule> decides = allows ? Optional.of(deciding(p)) : Optional.empty();
        entries.add(new Entry<>(unknown ? AddressSet.ALL : sources.addresses(), decides));
        decides.ifPresent(d -> sources.names().forEach(n -> names.putIfAbsent(n, List.of(d))));
      }
    }
    return Passage.decided(entries, names);
  }

  /** Who is brought to a port of the address by NAT rules. */
  Passage translated(Protocol protocol, int port) {
    List<Placed> all = ordered(Kind.NAT).stream().filter(p -> speaks(p.rule(), protocol)).toList();
    List<Passage> ways = new ArrayList<>();
    for (Placed p : all) {
      if (!leadsTo(p.rule(), port)) {
        continue;
      }
      for (String address : p.rule().destinations()) {
        for (String at : p.rule().ports()) {
          if (firewall.observed().publicAddresses().contains(address)) {
            ways.add(firstAt(all, address, at, p));
          }
        }
      }
    }
    return ways.isEmpty() ? Passage.NOBODY : Passage.anyOf(ways);
  }

  private boolean leadsTo(FirewallRule rule, int port) {
    return rule.translatedAddress().equals(endpoint.address())
        && rule.translatedPort().equals(Integer.toString(port));
  }

  /** Sources for which this rule is the first at a public address and port. */
  private Passage firstAt(List<Placed> all, String address, String port, Placed wanted) {
    List<Entry<Optional<DecidingRule>>> entries = new ArrayList<>();
    for (Placed p : all) {
      if (p.rule().destinations().contains(address) && p.rule().ports().contains(port)) {
        Sources sources = Sources.of(p.rule().sources(), endpoint.spaces());
        boolean is = p.equals(wanted);
        AddressSet from = is && p.rule().unnamed() ? AddressSet.ALL : sources.addresses();
        entries.add(new Entry<>(from, is ? Optional.of(deciding(p)) : Optional.empty()));
      }
    }
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    Sources.of(wanted.rule().sources(), endpoint.spaces())
        .names()
        .forEach(n -> names.put(n, List.of(deciding(wanted))));
    return Passage.decided(entries, names);
  }

  private static boolean speaks(FirewallRule rule, Protocol protocol) {
    return rule.protocols().stream()
        .anyMatch(p -> p.equalsIgnoreCase("any") || p.equalsIgnoreCase(protocol.name()));
  }

  private DecidingRule deciding(Placed p) {
    return new DecidingRule(
        firewall.id().value(),
        p.collection().name() + "/" + p.rule().name(),
        ownership.isOurs(p.rule()) ? ownership.grant(p.rule()).stream().toList() : List.of());
  }
}
