package io.postern.simulator.arm;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The other resources that a document names. */
final class References {
  private References() {}

  /** Refuses references to what is not there or is being written right now. */
  static void check(World world, Map<ResourceId, ObjectNode> puts) {
    puts.forEach(
        (id, doc) -> {
          Set<String> ids = new HashSet<>();
          collect(doc.path("properties"), ids);
          ids.forEach(target -> check(world, id, target));
        });
  }

  private static void collect(JsonNode node, Set<String> ids) {
    String id = Json.text(node, "id");
    if (id != null) {
      ids.add(id);
    }
    if (node.isContainer()) {
      node.forEach(child -> collect(child, ids));
    }
  }

  private static void check(World world, ResourceId by, String target) {
    ResourceId id = ResourceId.parse(target);
    if (id == null
        || id.isCollection()
        || !ResourceTypes.CHECKED_REFERENCES.contains(id.type())
        || id.root().key().equals(by.root().key())) {
      return;
    }
    Stored stored = world.get(id);
    if (stored == null) {
      throw ArmException.badRequest(
          "InvalidResourceReference",
          "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region."
              .formatted(id, by));
    }
    if (!stored.state().equals(Stored.SUCCEEDED) && !stored.state().equals(Stored.FAILED)) {
      throw ArmException.badRequest(
          "ReferencedResourceNotProvisioned",
          "Cannot proceed with operation because resource %s used by resource %s is not in Succeeded state. Resource is in %s state."
              .formatted(id, by, stored.state()));
    }
  }

  /** Refuses the end of what somebody still refers to. */
  static void checkUnused(Index index, ResourceId id) {
    String path = id.path();
    switch (id.type()) {
      case ResourceTypes.NSG -> {
        unused(index, "nsgInterfaces", path, "InUseNetworkSecurityGroupCannotBeDeleted");
        unused(index, "nsgSubnets", path, "InUseNetworkSecurityGroupCannotBeDeleted");
      }
      case ResourceTypes.SUBNET -> unused(index, "subnetIps", path, "InUseSubnetCannotBeDeleted");
      case ResourceTypes.NIC -> unused(index, "nicMachine", path, "NicInUse");
      case ResourceTypes.PUBLIC_IP ->
          unused(index, "publicIpUser", path, "PublicIPAddressCannotBeDeleted");
      case ResourceTypes.ROUTE_TABLE ->
          unused(index, "routeTableSubnets", path, "InUseRouteTableCannotBeDeleted");
      case ResourceTypes.ASG ->
          unused(index, "asgInterfaces", path, "InUseApplicationSecurityGroupCannotBeDeleted");
      default -> {}
    }
  }

  private static void unused(Index index, String kind, String path, String code) {
    var users = index.referrers(kind, path);
    if (!users.isEmpty()) {
      throw ArmException.badRequest(
          code, "%s cannot be deleted because it is in use by %s.".formatted(path, users.get(0)));
    }
  }
}
