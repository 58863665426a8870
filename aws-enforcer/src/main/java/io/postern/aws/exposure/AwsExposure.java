package io.postern.aws.exposure;

import io.postern.aws.domain.GrantNames;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Permission;
import io.postern.aws.domain.Rule;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.FirstMatch.Entry;
import io.postern.enforcement.exposure.ManagementPorts;
import io.postern.enforcement.exposure.Passage;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Span;
import io.postern.model.GrantId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who can reach the ports of one instance: whoever any group of any of its interfaces lets in. What
 * a group allows counts whether or not the instance has a public address, because load balancers,
 * peerings and gateways lead there too. Network ACLs are not looked at: they can only take away.
 */
public final class AwsExposure {
  private final Scope scope;
  private final List<Observed.Interface> interfaces;
  private final Surroundings surroundings;
  private final Marks marks;

  public AwsExposure(
      Scope scope, List<Observed.Interface> interfaces, Surroundings surroundings, Marks marks) {
    this.scope = scope;
    this.interfaces = List.copyOf(interfaces);
    this.surroundings = surroundings;
    this.marks = marks;
  }

  /** Of Defender's ports and those of the lock-down. */
  public List<PortExposure> of(Optional<Lock> lock) {
    return ManagementPorts.exposure(lock, this::borders, this::passage);
  }

  /** Who can reach one port. */
  public Passage passage(Protocol protocol, int port) {
    PortSpec ports = new PortSpec(PortRange.of(port), protocol);
    List<Entry<Optional<DecidingRule>>> open = new ArrayList<>();
    List<Entry<Optional<DecidingRule>>> granted = new ArrayList<>();
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    for (String group : groups()) {
      for (Rule rule : surroundings.rules(group)) {
        if (rule.permission().opens(ports)) {
          DecidingRule decides = deciding(group, rule);
          Optional<AddressSet> sources = sources(rule.permission().peer());
          if (sources.isEmpty()) {
            names.putIfAbsent(rule.permission().peer().value(), List.of(decides));
          } else {
            (decides.grants().isEmpty() ? open : granted)
                .add(new Entry<>(sources.get(), Optional.of(decides)));
          }
        }
      }
    }
    // Where several rules let somebody in, one that needs no grant is named.
    open.addAll(granted);
    return Passage.decided(open, names);
  }

  private List<Integer> borders(PortSpec ports) {
    List<Integer> borders = new ArrayList<>();
    for (String group : groups()) {
      for (Rule rule : surroundings.rules(group)) {
        borders.add(rule.permission().from());
        borders.add(rule.permission().to() + 1);
      }
    }
    return borders;
  }

  /** All groups of all interfaces. */
  Set<String> groups() {
    Set<String> groups = new LinkedHashSet<>();
    interfaces.forEach(i -> groups.addAll(i.groups()));
    return groups;
  }

  /** Empty when the addresses are not known. */
  private Optional<AddressSet> sources(Peer peer) {
    return switch (peer.kind()) {
      case IPV4, IPV6 -> Span.parse(peer.value()).map(s -> AddressSet.of(List.of(s)));
      case PREFIX_LIST -> surroundings.prefixList(peer.value());
      case GROUP ->
          peer.owner().isEmpty() || peer.owner().equals(scope.account())
              ? Optional.of(surroundings.members(peer.value()))
              : Optional.empty();
    };
  }

  private DecidingRule deciding(String group, Rule rule) {
    List<GrantId> grants =
        surroundings
            .accessGroupOf(group)
            .map(i -> GrantNames.of(new RuleSetId(scope + ":" + i), rule, marks))
            .map(names -> names.stream().sorted().toList())
            .orElse(List.of());
    return new DecidingRule(scope + ":" + group, name(rule), grants);
  }

  /** EC2's id of the rule; in words for one that was read without. */
  private static String name(Rule rule) {
    Permission permission = rule.permission();
    return rule.id().isEmpty() ? permission.toString() : rule.id();
  }
}
