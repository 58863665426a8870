package io.postern.simulator.arm;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fills in what Azure assigns: addresses, ids of address configurations, empty arrays. */
final class Completion {
  private Completion() {}

  static void complete(World world, Map<ResourceId, ObjectNode> puts) {
    puts.forEach(
        (id, doc) -> {
          switch (id.type()) {
            case ResourceTypes.RULE -> RuleValidator.complete(id, doc);
            case ResourceTypes.NIC, ResourceTypes.FIREWALL -> addresses(world, id, doc);
            case ResourceTypes.PUBLIC_IP -> publicAddress(world, id, doc);
            case ResourceTypes.ROLE_ASSIGNMENT ->
                Json.child(doc, "properties").put("scope", id.scope().isEmpty() ? "/" : id.scope());
            default -> {}
          }
          if (id.type().equals(ResourceTypes.FIREWALL)) {
            FirewallRules.check(id, doc);
          }
        });
  }

  private static void addresses(World world, ResourceId id, ObjectNode doc) {
    for (JsonNode c : doc.path("properties").path("ipConfigurations")) {
      if (!(c instanceof ObjectNode configuration)) {
        continue;
      }
      String name = configuration.path("name").asString("");
      configuration.put("id", id.path() + "/ipConfigurations/" + name);
      ObjectNode properties = Json.child(configuration, "properties");
      properties.put("provisioningState", Stored.SUCCEEDED);
      if (Json.text(properties, "privateIPAddress") == null) {
        String before = addressBefore(world.get(id), name);
        String address = before == null ? freeAddress(world, properties) : before;
        if (address != null) {
          properties.put("privateIPAddress", address);
        }
      }
    }
  }

  private static @Nullable String addressBefore(@Nullable Stored stored, String configuration) {
    if (stored != null) {
      for (JsonNode c : stored.properties().path("ipConfigurations")) {
        if (c.path("name").asString("").equalsIgnoreCase(configuration)) {
          return Json.text(c.path("properties"), "privateIPAddress");
        }
      }
    }
    return null;
  }

  /** The lowest free address; Azure keeps the first four of a subnet. */
  private static @Nullable String freeAddress(World world, JsonNode ipConfiguration) {
    String id = Json.reference(ipConfiguration, "subnet");
    Stored subnet = id == null ? null : world.get(id);
    if (subnet == null) {
      return null;
    }
    String prefix = Json.text(subnet.properties(), "addressPrefix");
    if (prefix == null) {
      prefix = subnet.properties().path("addressPrefixes").path(0).asString("");
    }
    Cidr cidr = Cidr.parse(prefix);
    Index index = Index.of(world);
    for (int n = 4; cidr != null && n < 65_536; n++) {
      String address = cidr.address(n);
      boolean free =
          index.interfacesAt(address).isEmpty()
              && index.firewalls().stream()
                  .noneMatch(f -> f.properties().toString().contains('"' + address + '"'));
      if (free) {
        return address;
      }
    }
    return null;
  }

  private static void publicAddress(World world, ResourceId id, ObjectNode doc) {
    ObjectNode properties = Json.child(doc, "properties");
    if (Json.text(properties, "ipAddress") == null) {
      Stored before = world.get(id);
      String address = before == null ? null : Json.text(before.properties(), "ipAddress");
      if (address == null) {
        int n = UUID.randomUUID().hashCode();
        address = "20.%d.%d.%d".formatted(64 + (n & 0x3f), (n >> 8) & 0xff, 1 + ((n >> 16) & 0x7f));
      }
      properties.put("ipAddress", address);
    }
  }
}
