package io.postern.azure.exposure;

import io.postern.azure.domain.FirewallOwnership;
import io.postern.azure.domain.Ownership;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.FirstMatch;
import io.postern.enforcement.exposure.ManagementPorts;
import io.postern.enforcement.exposure.Passage;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Span;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who can reach the ports of one machine: by its public addresses, from its own networks, and
 * through Azure Firewalls, all groups on each way considered.
 */
public final class AzureExposure {
  private static final DecidingRule NO_GROUP =
      DecidingRule.foreign("", "no network security group");

  private final MachineIntent machine;
  private final List<Endpoint> endpoints;
  private final Surroundings surroundings;
  private final Marks marks;
  private final Map<Endpoint, List<GroupLayer>> layers = new HashMap<>();
  private final Map<Endpoint, Parting> partings = new HashMap<>();

  /**
   * @param machine with its live grants
   * @param endpoints where its traffic comes in
   */
  public AzureExposure(
      MachineIntent machine, List<Endpoint> endpoints, Surroundings surroundings, Marks marks) {
    this.machine = machine;
    this.endpoints = List.copyOf(endpoints);
    this.surroundings = surroundings;
    this.marks = marks;
  }

  /** Of Defender's ports and those of the lock-down. */
  public List<PortExposure> ports() {
    return ManagementPorts.exposure(machine.lock(), this::borders, this::passage);
  }

  /** Who can reach one port. */
  public Passage passage(Protocol protocol, int port) {
    return Passage.anyOf(endpoints.stream().flatMap(e -> ways(e, protocol, port)).toList());
  }

  /** First ports from which on other rules may apply. */
  private List<Integer> borders(PortSpec ports) {
    if (ports.ports().from() == ports.ports().to()) {
      return List.of();
    }
    List<Integer> borders = new ArrayList<>();
    Stream<String> texts =
        Stream.concat(
            endpoints.stream()
                .flatMap(e -> Stream.concat(e.subnetGroup().stream(), e.nicGroup().stream()))
                .distinct()
                .flatMap(g -> surroundings.group(g).stream())
                .flatMap(g -> g.rules().stream())
                .flatMap(r -> r.destinationPorts().stream()),
            surroundings.firewalls().stream()
                .flatMap(f -> f.observed().collections().stream())
                .flatMap(c -> c.rules().stream())
                .flatMap(r -> Stream.concat(r.ports().stream(), Stream.of(r.translatedPort()))));
    texts
        .flatMap(t -> Ports.parse(t).stream())
        .forEach(
            p -> {
              borders.add(p.from());
              borders.add(p.to() + 1);
            });
    return borders;
  }

  private Stream<Passage> ways(Endpoint e, Protocol protocol, int port) {
    Passage judged = groups(e, protocol, port);
    List<Passage> ways = new ArrayList<>(direct(e, judged, protocol, port));
    for (Surroundings.Firewall firewall : surroundings.firewalls()) {
      firewall
          .privateAddress()
          .flatMap(own -> rulesAt(judged, own))
          .ifPresent(
              rules -> {
                Passage translated = layer(firewall, e).translated(protocol, port);
                if (!translated.isEmpty()) {
                  ways.add(
                      translated
                          .only(family(e).minus(e.spaces()))
                          .then(Passage.of(AddressSet.ALL, rules)));
                }
              });
    }
    return ways.stream().filter(p -> !p.isEmpty());
  }

  /** The rules by which the groups let one address in; empty when they do not. */
  private static Optional<List<DecidingRule>> rulesAt(Passage judged, Address address) {
    return judged.pieces().stream()
        .filter(p -> p.span().contains(address))
        .map(FirstMatch.Piece::rule)
        .findFirst();
  }

  /**
   * Where the ways to an address part, whatever the port.
   *
   * @param straight sources that meet the groups only
   * @param fromOutside whether there are public ones among them
   * @param routed sources that come through a firewall
   */
  private record Parting(
      AddressSet straight, boolean fromOutside, Map<Surroundings.Firewall, AddressSet> routed) {}

  private Parting parting(Endpoint e) {
    AddressSet family = family(e);
    AddressSet inside = e.spaces().union(Sources.PRIVATE).intersect(family);
    AddressSet routed = AddressSet.NONE;
    Map<Surroundings.Firewall, AddressSet> through = new LinkedHashMap<>();
    for (Surroundings.Firewall firewall : surroundings.firewalls()) {
      AddressSet all = routedTo(e, firewall);
      if (!all.isEmpty()) {
        routed = routed.union(all);
        // Of public addresses only the replies would come this way, which the firewall refuses.
        through.put(firewall, inside.intersect(all));
      }
    }
    boolean fromOutside = e.front() != Endpoint.Front.NONE && !isGuarded(e);
    return new Parting((fromOutside ? family : inside).minus(routed), fromOutside, through);
  }

  private List<Passage> direct(Endpoint e, Passage judged, Protocol protocol, int port) {
    Parting parting = partings.computeIfAbsent(e, this::parting);
    List<Passage> ways = new ArrayList<>();
    parting
        .routed()
        .forEach(
            (firewall, sources) ->
                ways.add(
                    layer(firewall, e)
                        .routed(protocol, port)
                        .then(judged)
                        .only(sources)
                        .withoutNames()));
    Passage straight = judged.only(parting.straight());
    ways.add(parting.fromOutside() ? straight : straight.withoutNames());
    return ways;
  }

  private AddressSet family(Endpoint e) {
    return e.address().indexOf(':') >= 0 ? AddressSet.IPV6 : AddressSet.IPV4;
  }

  /** A public address of the Standard SKU is closed where no group opens it. */
  private boolean isGuarded(Endpoint e) {
    return e.front() == Endpoint.Front.STANDARD
        && Stream.of(e.subnetGroup(), e.nicGroup())
            .flatMap(Optional::stream)
            .allMatch(g -> surroundings.group(g).isEmpty());
  }

  /** Addresses to which the subnet's longest matching route leads through a firewall. */
  private AddressSet routedTo(Endpoint e, Surroundings.Firewall firewall) {
    if (e.routes().isEmpty() || firewall.privateAddress().isEmpty()) {
      return AddressSet.NONE;
    }
    List<FirstMatch.Entry<String>> entries =
        e.routes().stream()
            .sorted(Comparator.comparing((Endpoint.Route r) -> size(r.prefix())))
            .map(r -> new FirstMatch.Entry<>(AddressSet.of(List.of(r.prefix())), r.hop()))
            .toList();
    String own = firewall.privateAddress().get().toString();
    return AddressSet.of(
        FirstMatch.decide(entries).stream()
            .filter(p -> p.rule().equals(own))
            .map(FirstMatch.Piece::span)
            .toList());
  }

  private static java.math.BigInteger size(Span span) {
    return AddressSet.of(List.of(span)).count(span.first().ipv6());
  }

  /** The subnet's group, then the interface's. */
  private Passage groups(Endpoint e, Protocol protocol, int port) {
    return layers(e).stream()
        .map(l -> l.passage(protocol, port))
        .reduce(Passage::then)
        .orElseGet(() -> Passage.everybody(NO_GROUP));
  }

  /**
   * Who gets through all groups before an address by rules that somebody wrote; everybody where
   * there is no group.
   */
  Passage written(Endpoint e, Protocol protocol, int port) {
    return layers(e).stream()
        .map(l -> l.written(protocol, port))
        .reduce(Passage::then)
        .orElseGet(() -> Passage.everybody(NO_GROUP));
  }

  private List<GroupLayer> layers(Endpoint e) {
    return layers.computeIfAbsent(e, this::read);
  }

  private List<GroupLayer> read(Endpoint e) {
    List<GroupLayer> found = new ArrayList<>();
    for (Optional<RuleSetId> id : List.of(e.subnetGroup(), e.nicGroup())) {
      id.ifPresent(
          g ->
              surroundings
                  .group(g)
                  .ifPresent(
                      nsg ->
                          found.add(
                              new GroupLayer(
                                  g, nsg, e, surroundings, new Ownership(marks, g), machine))));
    }
    return found;
  }

  FirewallLayer layer(Surroundings.Firewall firewall, Endpoint e) {
    return new FirewallLayer(firewall, e, new FirewallOwnership(marks, firewall.id()));
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  Surroundings surroundings() {
    return surroundings;
  }
}
