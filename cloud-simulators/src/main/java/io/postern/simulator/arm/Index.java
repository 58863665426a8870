package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Who refers to whom, read from the documents of interfaces, networks and machines. */
final class Index {
  private final Map<String, List<String>> references = new HashMap<>();
  private final Map<String, List<String>> nicsByAddress = new HashMap<>();
  private final List<Stored> firewalls = new ArrayList<>();
  private final List<Stored> roleAssignments = new ArrayList<>();
  private final List<Stored> roleDefinitions = new ArrayList<>();
  private final List<Stored> denyAssignments = new ArrayList<>();

  static Index of(World world) {
    Index index = new Index();
    for (Stored s : world.all()) {
      index.add(s);
    }
    return index;
  }

  private void add(Stored s) {
    JsonNode p = s.properties();
    String id = s.id().path();
    switch (s.id().type()) {
      case ResourceTypes.NIC -> nic(p, id);
      case ResourceTypes.SUBNET -> {
        refer("nsgSubnets", Json.reference(p, "networkSecurityGroup"), id);
        refer("routeTableSubnets", Json.reference(p, "routeTable"), id);
      }
      case ResourceTypes.VM -> {
        for (JsonNode nic : p.path("networkProfile").path("networkInterfaces")) {
          refer("nicMachine", Json.text(nic, "id"), id);
        }
      }
      case ResourceTypes.FIREWALL -> {
        firewalls.add(s);
        ipConfigurations(p, id);
      }
      case ResourceTypes.ROLE_ASSIGNMENT -> roleAssignments.add(s);
      case ResourceTypes.ROLE_DEFINITION -> roleDefinitions.add(s);
      case ResourceTypes.DENY_ASSIGNMENT -> denyAssignments.add(s);
      default -> {}
    }
  }

  private void nic(JsonNode p, String id) {
    refer("nsgInterfaces", Json.reference(p, "networkSecurityGroup"), id);
    ipConfigurations(p, id);
    for (JsonNode c : p.path("ipConfigurations")) {
      JsonNode ip = c.path("properties");
      String address = Json.text(ip, "privateIPAddress");
      if (address != null) {
        nicsByAddress.computeIfAbsent(address, a -> new ArrayList<>()).add(id);
      }
      for (JsonNode group : ip.path("applicationSecurityGroups")) {
        refer("asgInterfaces", Json.text(group, "id"), id);
      }
    }
  }

  private void ipConfigurations(JsonNode p, String id) {
    for (JsonNode c : p.path("ipConfigurations")) {
      JsonNode ip = c.path("properties");
      String own = id + "/ipConfigurations/" + c.path("name").asString("");
      refer("subnetIps", Json.reference(ip, "subnet"), own);
      refer("publicIpUser", Json.reference(ip, "publicIPAddress"), own);
    }
  }

  private void refer(String kind, @Nullable String target, String from) {
    if (target != null) {
      references.computeIfAbsent(slot(kind, target), k -> new ArrayList<>()).add(from);
    }
  }

  /** Ids of those that refer to the target in the given way; empty when nobody does. */
  List<String> referrers(String kind, String target) {
    return references.getOrDefault(slot(kind, target), List.of());
  }

  private static String slot(String kind, String target) {
    return kind + " " + target.toLowerCase(Locale.ROOT);
  }

  /** Ids of the interfaces with a private address; more than one when networks overlap. */
  List<String> interfacesAt(String address) {
    return nicsByAddress.getOrDefault(address, List.of());
  }

  List<Stored> firewalls() {
    return firewalls;
  }

  List<Stored> roleAssignments() {
    return roleAssignments;
  }

  List<Stored> roleDefinitions() {
    return roleDefinitions;
  }

  List<Stored> denyAssignments() {
    return denyAssignments;
  }

  /** Keeps an index as long as the structure of the world stands. */
  static final class Cache {
    private final World world;
    private @Nullable Index index;
    private long structure = -1;

    Cache(World world) {
      this.world = world;
    }

    synchronized Index get() {
      Index current = index;
      if (current == null || structure != world.structure()) {
        current = Index.of(world);
        structure = world.structure();
        index = current;
      }
      return current;
    }
  }
}
