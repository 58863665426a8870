package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one PUT or DELETE does to stored resources.
 *
 * @param puts new documents by id; a parent before its children
 * @param removals resources that go
 */
record Change(Map<ResourceId, ObjectNode> puts, List<Stored> removals) {

  /** The change that a PUT of this body makes, validated; ARM's refusal as an exception. */
  static Change put(World world, ResourceId id, ObjectNode body) {
    Map<ResourceId, ObjectNode> puts = new LinkedHashMap<>();
    List<Stored> removals = new ArrayList<>();
    ObjectNode doc = Documents.kept(id, body);
    puts.put(id, doc);
    String embedded = ResourceTypes.embeddedIn(id.type());
    JsonNode children = body.path("properties").path(embedded == null ? "" : embedded);
    boolean keepsChildren = id.type().equals(ResourceTypes.VNET) && !children.isArray();
    if (embedded != null && !keepsChildren) {
      Map<String, Stored> left = new LinkedHashMap<>();
      world.members(id.children(embedded)).forEach(s -> left.put(s.id().key(), s));
      for (JsonNode child : children) {
        ResourceId childId = id.child(embedded, nameOf(child));
        Stored before = left.remove(childId.key());
        ResourceId keptId = before == null ? childId : before.id();
        if (puts.put(keptId, Documents.kept(keptId, child)) != null) {
          throw ArmException.badRequest(
              "InvalidRequestFormat",
              "Cannot parse the request. Duplicate resource name " + childId.name() + ".");
        }
      }
      removals.addAll(left.values());
    }
    Completion.complete(world, puts);
    limits(world, id, puts);
    return new Change(puts, removals);
  }

  static Change delete(Stored stored) {
    return new Change(Map.of(), List.of(stored));
  }

  private static String nameOf(JsonNode child) {
    String name = Json.text(child, "name");
    if (name != null) {
      return name;
    }
    String id = Json.text(child, "id");
    if (id != null) {
      return ResourceId.of(id).name();
    }
    throw ArmException.badRequest(
        "InvalidRequestFormat", "Cannot parse the request. A child resource has no name.");
  }

  private static void limits(World world, ResourceId id, Map<ResourceId, ObjectNode> puts) {
    ResourceId nsg = id.root();
    if (!nsg.type().equals(ResourceTypes.NSG)) {
      return;
    }
    Map<String, Stored> after = new LinkedHashMap<>();
    if (id.isChild()) {
      world.members(nsg.children("securityRules")).forEach(s -> after.put(s.id().key(), s));
    }
    puts.forEach(
        (ruleId, doc) -> {
          if (ruleId.isChild()) {
            after.put(ruleId.key(), Stored.settled(ruleId, doc, ""));
          }
        });
    NsgLimits.check(nsg, after.values());
  }
}
