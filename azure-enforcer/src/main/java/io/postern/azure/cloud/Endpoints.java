package io.postern.azure.cloud;

import com.azure.core.management.SubResource;
import com.azure.resourcemanager.network.fluent.models.NetworkInterfaceInner;
import com.azure.resourcemanager.network.fluent.models.NetworkInterfaceIpConfigurationInner;
import com.azure.resourcemanager.network.fluent.models.VirtualNetworkInner;
import com.azure.resourcemanager.network.fluent.models.VirtualNetworkPeeringInner;
import com.azure.resourcemanager.network.models.AddressSpace;
import io.postern.azure.exposure.Endpoint;
import io.postern.azure.exposure.Endpoint.Front;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Span;
import io.postern.model.RuleSetId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Where traffic to machines comes in, and what stands before each address. */
final class Endpoints {
  private final Map<String, AddressSet> spaces = new HashMap<>();
  private final Map<String, List<Endpoint.Route>> routes = new HashMap<>();
  private final Map<String, List<Endpoint.Route>> systemRoutes = new HashMap<>();
  private final Map<String, String> groupOfSubnet;
  private final Map<String, FirewallPaths.Subnet> subnets;
  private final Set<String> standardAddresses;

  /**
   * @param groupOfSubnet ids in lower case
   * @param subnets by id in lower case
   * @param standardAddresses ids in lower case of public addresses of the Standard SKU
   */
  Endpoints(
      List<VirtualNetworkInner> networks,
      Map<String, String> groupOfSubnet,
      Map<String, FirewallPaths.Subnet> subnets,
      List<JsonNode> routeTables,
      Set<String> standardAddresses) {
    this.groupOfSubnet = groupOfSubnet;
    this.subnets = subnets;
    this.standardAddresses = standardAddresses;
    Map<String, List<Span>> own = new HashMap<>();
    networks.forEach(n -> own.put(lower(n.id()), space(n.addressSpace())));
    for (VirtualNetworkInner n : networks) {
      List<Span> all = new ArrayList<>(own.getOrDefault(lower(n.id()), List.of()));
      for (VirtualNetworkPeeringInner peering : orEmpty(n.virtualNetworkPeerings())) {
        SubResource peer = peering.remoteVirtualNetwork();
        List<Span> known = peer == null ? null : own.get(lower(peer.id()));
        // A peer in another subscription is known by what the peering says of it.
        all.addAll(known == null ? space(peering.remoteAddressSpace()) : known);
      }
      spaces.put(lower(n.id()), AddressSet.of(all));
      systemRoutes.put(lower(n.id()), all.stream().map(s -> new Endpoint.Route(s, "")).toList());
    }
    routeTables.forEach(t -> routes.put(lower(t.path("id").asString("")), routes(t)));
  }

  private static List<Endpoint.Route> routes(JsonNode table) {
    List<Endpoint.Route> found = new ArrayList<>();
    for (JsonNode route : table.path("properties").path("routes")) {
      JsonNode p = route.path("properties");
      Span.parse(p.path("addressPrefix").asString(""))
          .ifPresent(
              prefix ->
                  found.add(new Endpoint.Route(prefix, p.path("nextHopIpAddress").asString(""))));
    }
    return found;
  }

  private static List<Span> space(@Nullable AddressSpace space) {
    return space == null
        ? List.of()
        : orEmpty(space.addressPrefixes()).stream().flatMap(p -> Span.parse(p).stream()).toList();
  }

  /**
   * @param nicGroup the group of the configuration's interface
   * @param publicAddress that leads to it
   * @return empty for a configuration without a private address
   */
  Optional<Endpoint> of(
      NetworkInterfaceIpConfigurationInner ip,
      Optional<RuleSetId> nicGroup,
      Optional<String> publicAddress) {
    if (ip.privateIpAddress() == null) {
      return Optional.empty();
    }
    String subnet = ip.subnet() == null ? "" : lower(ip.subnet().id());
    String network = networkOf(subnet);
    List<Endpoint.Route> table =
        Optional.ofNullable(subnets.get(subnet))
            .flatMap(FirewallPaths.Subnet::routeTable)
            .map(t -> routes.getOrDefault(t, List.of()))
            .orElse(List.of());
    List<Endpoint.Route> all = new ArrayList<>(table);
    if (!table.isEmpty()) {
      all.addAll(systemRoutes.getOrDefault(network, List.of()));
    }
    return Optional.of(
        new Endpoint(
            ip.privateIpAddress(),
            front(ip, publicAddress),
            Optional.ofNullable(groupOfSubnet.get(subnet)).map(RuleSetId::new),
            nicGroup,
            network,
            spaces.getOrDefault(network, AddressSet.NONE),
            groups(ip),
            all));
  }

  private Front front(NetworkInterfaceIpConfigurationInner ip, Optional<String> publicAddress) {
    if (publicAddress.isEmpty() || ip.publicIpAddress() == null) {
      return Front.NONE;
    }
    return standardAddresses.contains(lower(ip.publicIpAddress().id()))
        ? Front.STANDARD
        : Front.BASIC;
  }

  /** Tells the landscape in which application security groups the interface's addresses are. */
  void addMembers(NetworkInterfaceInner nic, Landscape landscape) {
    for (NetworkInterfaceIpConfigurationInner ip : orEmpty(nic.ipConfigurations())) {
      if (ip.subnet() != null && ip.privateIpAddress() != null) {
        String network = networkOf(lower(ip.subnet().id()));
        Span.parse(ip.privateIpAddress())
            .ifPresent(a -> groups(ip).forEach(g -> landscape.addMember(network, g, a)));
      }
    }
  }

  private static Set<String> groups(NetworkInterfaceIpConfigurationInner ip) {
    return orEmpty(ip.applicationSecurityGroups()).stream()
        .map(g -> lower(g.id()))
        .collect(Collectors.toSet());
  }

  private static String networkOf(String subnet) {
    int end = subnet.indexOf("/subnets/");
    return end < 0 ? "" : subnet.substring(0, end);
  }

  private static String lower(@Nullable String id) {
    return String.valueOf(id).toLowerCase(Locale.ROOT);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
