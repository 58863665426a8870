package io.postern.simulator.arm;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is kept of a body that a client puts: everything but what ARM computes itself. */
final class Documents {
  private static final List<String> ALWAYS = List.of("provisioningState", "resourceGuid", "vmId");
  private static final Map<String, List<String>> COMPUTED =
      Map.of(
          ResourceTypes.NSG,
              List.of("securityRules", "defaultSecurityRules", "networkInterfaces", "subnets"),
          ResourceTypes.VNET, List.of("subnets"),
          ResourceTypes.SUBNET, List.of("ipConfigurations"),
          ResourceTypes.ROUTE_TABLE, List.of("routes", "subnets"),
          ResourceTypes.NIC, List.of("virtualMachine"),
          ResourceTypes.PUBLIC_IP, List.of("ipConfiguration"),
          ResourceTypes.VM, List.of("instanceView"));

  private Documents() {}

  /** A copy without read-only members and, for a parent, without its children. */
  static ObjectNode kept(ResourceId id, JsonNode body) {
    ObjectNode doc = Json.object();
    for (var member : body.properties()) {
      switch (member.getKey()) {
        case "id", "name", "type", "etag" -> {}
        default -> doc.set(member.getKey(), member.getValue().deepCopy());
      }
    }
    ObjectNode properties = Json.child(doc, "properties");
    properties.remove(ALWAYS);
    properties.remove(COMPUTED.getOrDefault(id.type(), List.of()));
    return doc;
  }
}
