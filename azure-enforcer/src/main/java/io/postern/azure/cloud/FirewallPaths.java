package io.postern.azure.cloud;

import io.postern.azure.domain.FirewallCollection;
import io.postern.azure.domain.FirewallOwnership;
import io.postern.azure.domain.FirewallRule;
import io.postern.azure.domain.Hop;
import io.postern.enforcement.domain.Marks;
import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Which firewalls traffic to a machine goes through: those that the route table of its subnet sends
 * replies to, and those that have a NAT rule to it.
 */
final class FirewallPaths {
  private record Firewall(
      RuleSetId id,
      Optional<String> managedBy,
      Set<String> privateAddresses,
      List<Cidr> seenAs,
      List<FirewallRule> nats,
      FirewallOwnership ownership) {}

  private record Route(String prefix, String hop) {}

  /**
   * A subnet.
   *
   * @param routeTable id in lower case; empty for none
   */
  record Subnet(List<String> prefixes, Optional<String> routeTable) {}

  /** An address of a machine's. */
  record Address(String privateAddress, String subnet) {}

  private final List<Firewall> firewalls = new ArrayList<>();
  private final Map<String, List<Route>> routes = new HashMap<>();
  private final Map<String, Subnet> subnets;
  private final Marks marks;

  /**
   * @param firewallDocuments all Azure Firewalls, as ARM lists them
   * @param routeTables likewise all route tables
   * @param subnets by id in lower case
   * @param marks tell our rules from those of others
   */
  FirewallPaths(
      List<JsonNode> firewallDocuments,
      List<JsonNode> routeTables,
      Map<String, Subnet> subnets,
      Marks marks) {
    this.marks = marks;
    this.subnets = Map.copyOf(subnets);
    firewallDocuments.forEach(d -> firewalls.add(firewall(d)));
    for (JsonNode table : routeTables) {
      List<Route> list = new ArrayList<>();
      for (JsonNode route : table.path("properties").path("routes")) {
        JsonNode p = route.path("properties");
        list.add(
            new Route(
                p.path("addressPrefix").asString(""), p.path("nextHopIpAddress").asString("")));
      }
      routes.put(lower(table.path("id").asString("")), list);
    }
  }

  private Firewall firewall(JsonNode document) {
    JsonNode p = document.path("properties");
    Set<String> own = new HashSet<>();
    List<Cidr> seenAs = new ArrayList<>();
    for (JsonNode c : p.path("ipConfigurations")) {
      JsonNode configuration = c.path("properties");
      own.add(configuration.path("privateIPAddress").asString(""));
      Subnet subnet = subnets.get(lower(configuration.path("subnet").path("id").asString("")));
      if (subnet != null) {
        subnet.prefixes().forEach(x -> cidr(x).filter(v -> !v.isIpv6()).ifPresent(seenAs::add));
      }
    }
    own.add(p.path("hubIPAddresses").path("privateIPAddress").asString(""));
    own.remove("");
    RuleSetId id = new RuleSetId(lower(document.path("id").asString("")));
    List<FirewallRule> nats =
        FirewallJson.read(document, x -> Optional.empty()).collections().stream()
            .filter(c -> c.kind() == FirewallCollection.Kind.NAT)
            .flatMap(c -> c.rules().stream())
            .toList();
    return new Firewall(
        id,
        FirewallJson.managedBy(document),
        own,
        seenAs.stream().distinct().toList(),
        nats,
        new FirewallOwnership(marks, id));
  }

  /** The machine's ways through firewalls, one for each firewall. */
  List<Hop> of(List<Address> addresses) {
    Map<RuleSetId, Hop> hops = new LinkedHashMap<>();
    for (Firewall f : firewalls) {
      List<Cidr> through = new ArrayList<>();
      boolean onlyWay = false;
      for (Address a : addresses) {
        List<Route> table = table(a.subnet()).stream().filter(r -> leadsTo(r, f)).toList();
        Optional<Cidr> address = cidr(a.privateAddress()).filter(c -> !c.isIpv6());
        if (address.isPresent()
            && (!table.isEmpty()
                || f.nats().stream()
                    .anyMatch(n -> n.translatedAddress().equals(a.privateAddress())))) {
          through.add(address.get());
          onlyWay |= table.stream().anyMatch(r -> r.prefix().equals("0.0.0.0/0"));
        }
      }
      if (!through.isEmpty()) {
        hops.put(
            f.id(),
            new Hop(f.id(), f.managedBy(), f.seenAs(), through, foreignNats(f, through), onlyWay));
      }
    }
    return List.copyOf(hops.values());
  }

  private static List<FirewallRule> foreignNats(Firewall firewall, List<Cidr> addresses) {
    List<String> targets = addresses.stream().map(Cidr::addressText).toList();
    return firewall.nats().stream()
        .filter(n -> targets.contains(n.translatedAddress()))
        .filter(n -> !firewall.ownership().isOurs(n))
        .toList();
  }

  private static boolean leadsTo(Route route, Firewall firewall) {
    return firewall.privateAddresses().contains(route.hop());
  }

  private List<Route> table(String subnet) {
    Subnet known = subnets.get(subnet);
    return known == null
        ? List.of()
        : known.routeTable().map(t -> routes.getOrDefault(t, List.of())).orElse(List.of());
  }

  private static Optional<Cidr> cidr(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Cidr.parse(text));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }

  private static String lower(String id) {
    return id.toLowerCase(Locale.ROOT);
  }
}
