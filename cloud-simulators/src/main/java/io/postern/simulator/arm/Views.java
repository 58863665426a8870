package io.postern.simulator.arm;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How GET shows a resource: its document and what ARM computes. Callers hold the world's lock. */
final class Views {
  private final World world;
  private final Index.Cache index;

  Views(World world, Index.Cache index) {
    this.world = world;
    this.index = index;
  }

  ObjectNode show(Stored s) {
    Stored root = s.id().isChild() ? world.get(s.id().root()) : s;
    return show(s, root == null ? s.etag() : root.etag());
  }

  private ObjectNode show(Stored s, String etag) {
    ResourceId id = s.id();
    String type = id.type();
    if (type.equals(ResourceTypes.SUBSCRIPTION)) {
      return subscription(s);
    }
    ObjectNode shown = Json.object().put("name", id.name()).put("id", id.path());
    if (ResourceTypes.hasEtag(type)) {
      shown.put("etag", etag);
    }
    shown.put("type", type);
    for (var member : s.doc().properties()) {
      if (!member.getKey().equals("properties")) {
        shown.set(member.getKey(), member.getValue());
      }
    }
    ObjectNode properties = shown.putObject("properties");
    if (!type.startsWith("Microsoft.Authorization/")) {
      properties.put("provisioningState", s.state());
    }
    for (var member : s.properties().properties()) {
      properties.set(member.getKey(), member.getValue());
    }
    computed(s, etag, properties);
    return shown;
  }

  private void computed(Stored s, String etag, ObjectNode p) {
    ResourceId id = s.id();
    String path = id.path();
    String embedded = ResourceTypes.embeddedIn(id.type());
    if (embedded != null) {
      ArrayNode children = p.putArray(embedded);
      world.members(id.children(embedded)).forEach(c -> children.add(show(c, etag)));
    }
    switch (id.type()) {
      case ResourceTypes.NSG -> {
        p.put("resourceGuid", guid(path));
        ArrayNode defaults = p.putArray("defaultSecurityRules");
        DefaultRules.ALL.forEach(r -> defaults.add(DefaultRules.show(id, r, etag)));
        references(p, "networkInterfaces", index.get().referrers("nsgInterfaces", path));
        references(p, "subnets", index.get().referrers("nsgSubnets", path));
      }
      case ResourceTypes.ROUTE_TABLE ->
          references(p, "subnets", index.get().referrers("routeTableSubnets", path));
      case ResourceTypes.SUBNET ->
          references(p, "ipConfigurations", index.get().referrers("subnetIps", path));
      case ResourceTypes.NIC -> reference(p, "virtualMachine", "nicMachine", path);
      case ResourceTypes.PUBLIC_IP -> reference(p, "ipConfiguration", "publicIpUser", path);
      case ResourceTypes.VM -> p.put("vmId", guid(path));
      default -> {}
    }
  }

  private static void references(ObjectNode p, String member, List<String> ids) {
    if (!ids.isEmpty()) {
      ArrayNode array = p.putArray(member);
      ids.forEach(i -> array.add(Json.object().put("id", i)));
    }
  }

  private void reference(ObjectNode p, String member, String kind, String target) {
    List<String> ids = index.get().referrers(kind, target);
    if (!ids.isEmpty()) {
      p.set(member, Json.object().put("id", ids.get(0)));
    }
  }

  private static String guid(String path) {
    return UUID.nameUUIDFromBytes(path.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static ObjectNode subscription(Stored s) {
    String id = s.id().name();
    return Json.object()
        .put("id", s.id().path())
        .put("subscriptionId", id)
        .put("tenantId", Discovery.TENANT)
        .put("displayName", s.doc().path("displayName").asString("simulated " + id))
        .put("state", "Enabled")
        .put("authorizationSource", "RoleBased");
  }

  /** The running state of a machine, as its instance view tells. */
  ObjectNode instanceView(Stored s) {
    ObjectNode view = Json.object();
    ArrayNode statuses = view.putArray("statuses");
    statuses.add(status("ProvisioningState/succeeded", "Provisioning succeeded"));
    JsonNode power = s.doc().path("simulator").path("powerState");
    statuses.add(status("PowerState/" + power.asString("running"), "VM running"));
    return view;
  }

  private static ObjectNode status(String code, String display) {
    return Json.object().put("code", code).put("level", "Info").put("displayStatus", display);
  }
}
