package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Answers whether a packet reaches a machine: by its public address, from inside its networks, or
 * through an Azure Firewall. Callers hold the world's lock.
 */
final class PacketModel {
  private final World world;
  private final Index.Cache index;
  private final SecurityGroups groups;

  PacketModel(World world, Index.Cache index) {
    this.world = world;
    this.index = index;
    this.groups = new SecurityGroups(world);
  }

  /** The first way that is open; otherwise what closed the first way that there is. */
  Verdict ask(Question question) {
    Stored machine = world.get(question.machine());
    if (machine == null
        || machine.inEffect() == null
        || !machine.id().type().equals(ResourceTypes.VM)) {
      return Verdict.no("no such machine");
    }
    Verdict refusal = null;
    for (Endpoint endpoint : Endpoint.of(world, machine)) {
      for (Verdict way : ways(question, endpoint)) {
        if (way.reachable()) {
          return way;
        }
        refusal = refusal == null || refusal.path().isEmpty() ? way : refusal;
      }
    }
    return refusal == null ? Verdict.no("no address of the source's family") : refusal;
  }

  private List<Verdict> ways(Question question, Endpoint endpoint) {
    Cidr source = Cidr.parse(question.source());
    Cidr target = Cidr.parse(endpoint.address());
    if (source == null || target == null) {
      return List.of();
    }
    List<Cidr> networks = networks(endpoint.subnet());
    Packet packet =
        new Packet(
            source,
            target,
            question.protocol(),
            question.port(),
            networks,
            groupsAt(question.source(), endpoint.subnet()),
            endpoint.groups());
    List<Verdict> ways = new ArrayList<>();
    if (source.bits() == target.bits()) {
      ways.add(direct(packet, endpoint));
      for (Stored firewall : index.get().firewalls()) {
        Verdict through = translated(packet, endpoint, new FirewallModel(world, firewall));
        if (through != null) {
          ways.add(through);
        }
      }
    }
    return ways;
  }

  private Verdict direct(Packet packet, Endpoint endpoint) {
    JsonNode subnet = world.inEffect(endpoint.subnet());
    FirewallModel firewall = routedThrough(subnet, packet);
    if (packet.isFromNetwork() || Packet.isPrivate(packet.source())) {
      Verdict judged = judge(packet, endpoint, subnet, false);
      if (firewall == null) {
        return judged;
      }
      Verdict routed = firewall.routed(packet);
      return routed.reachable() ? joined(judged, firewall) : routed;
    }
    Stored publicIp = endpoint.publicIp() == null ? null : world.get(endpoint.publicIp());
    if (publicIp == null || publicIp.inEffect() == null) {
      return Verdict.no("no public IP address");
    }
    if (firewall != null) {
      return Verdict.no(
          "replies are routed to " + firewall.name() + ", which never saw the packet");
    }
    boolean standard =
        publicIp.inEffect().path("sku").path("name").asString("").equalsIgnoreCase("Standard");
    return judge(packet, endpoint, subnet, standard);
  }

  /** The way in by a DNAT rule; the machine's groups see the firewall as the source. */
  private @Nullable Verdict translated(Packet packet, Endpoint endpoint, FirewallModel firewall) {
    Cidr own = firewall.privateAddress();
    if (own == null || packet.isFromNetwork()) {
      return null;
    }
    String rule = firewall.translation(packet, endpoint.address());
    if (rule == null) {
      return null;
    }
    Verdict judged = judge(packet.from(own), endpoint, world.inEffect(endpoint.subnet()), false);
    Verdict whole = joined(judged, firewall);
    return judged.reachable() ? new Verdict(true, rule, whole.path()) : whole;
  }

  private Verdict judge(Packet packet, Endpoint endpoint, JsonNode subnet, boolean guarded) {
    return groups.judge(
        packet, Json.reference(subnet, "networkSecurityGroup"), endpoint.nicGroup(), guarded);
  }

  private static Verdict joined(Verdict verdict, FirewallModel firewall) {
    Set<String> path = new TreeSet<>(verdict.path());
    path.add(firewall.key());
    return new Verdict(verdict.reachable(), verdict.decidedBy(), path);
  }

  /**
   * The firewall that the subnet's longest matching route sends packets to the source to. The
   * networks' own address spaces are routes too, which only one as long or longer overrides.
   */
  private @Nullable FirewallModel routedThrough(JsonNode subnet, Packet packet) {
    Cidr address = packet.source();
    int system =
        packet.networks().stream()
            .filter(n -> n.contains(address))
            .mapToInt(Cidr::bits)
            .max()
            .orElse(-1);
    String table = Json.reference(subnet, "routeTable");
    Stored stored = table == null ? null : world.get(table);
    if (stored == null) {
      return null;
    }
    int longest = -1;
    String hop = null;
    for (Stored route : world.members(stored.id().children("routes"))) {
      JsonNode p = world.inEffect(route.id().key());
      Cidr prefix = Cidr.parse(p.path("addressPrefix").asString(""));
      if (prefix != null
          && prefix.contains(address)
          && prefix.bits() >= system
          && prefix.bits() > longest) {
        longest = prefix.bits();
        hop = Json.text(p, "nextHopIpAddress");
      }
    }
    return hop == null ? null : firewallAt(hop);
  }

  private @Nullable FirewallModel firewallAt(String hop) {
    Cidr wanted = Cidr.parse(hop);
    for (Stored stored : index.get().firewalls()) {
      FirewallModel firewall = new FirewallModel(world, stored);
      Cidr own = firewall.privateAddress();
      if (own != null && wanted != null && own.contains(wanted)) {
        return firewall;
      }
    }
    return null;
  }

  /** The network's own address space and that of its peers. */
  private List<Cidr> networks(@Nullable String subnet) {
    List<Cidr> networks = new ArrayList<>();
    if (subnet == null) {
      return networks;
    }
    JsonNode network = world.inEffect(ResourceId.of(subnet).parent().path());
    addSpaces(network.path("addressSpace"), networks);
    for (JsonNode peering : network.path("virtualNetworkPeerings")) {
      String peer = Json.reference(peering.path("properties"), "remoteVirtualNetwork");
      addSpaces(world.inEffect(peer).path("addressSpace"), networks);
    }
    return networks;
  }

  private static void addSpaces(JsonNode addressSpace, List<Cidr> networks) {
    for (String prefix : Json.texts(addressSpace, "addressPrefixes")) {
      Cidr cidr = Cidr.parse(prefix);
      if (cidr != null) {
        networks.add(cidr);
      }
    }
  }

  private Set<String> groupsAt(String source, @Nullable String subnet) {
    Set<String> found = new HashSet<>();
    for (String nic : index.get().interfacesAt(source)) {
      for (JsonNode c : world.inEffect(nic).path("ipConfigurations")) {
        JsonNode ip = c.path("properties");
        String other = Json.reference(ip, "subnet");
        boolean sameNetwork =
            subnet != null
                && other != null
                && ResourceId.of(other).parent().key().equals(ResourceId.of(subnet).parent().key());
        if (sameNetwork && source.equals(Json.text(ip, "privateIPAddress"))) {
          found.addAll(Endpoint.groupsOf(ip));
        }
      }
    }
    return found;
  }
}
