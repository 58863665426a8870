package io.postern.simulator.arm;

import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What must exist before a resource can: its subscription, its group, its parent. */
final class Parents {
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Parents() {}

  static void requireSubscription(World world, ResourceId id) {
    String subscription = id.subscription();
    if (subscription.isEmpty()) {
      return;
    }
    if (!GUID.matcher(subscription).matches()) {
      throw ArmException.badRequest(
          "InvalidSubscriptionId",
          "The provided subscription identifier '%s' is malformed or invalid."
              .formatted(subscription));
    }
    if (world.get("/subscriptions/" + subscription) == null) {
      throw new ArmException(
          404,
          "SubscriptionNotFound",
          "The subscription '%s' could not be found.".formatted(subscription));
    }
  }

  static void requireGroup(World world, ResourceId id) {
    String group = id.resourceGroup();
    String path = "/subscriptions/" + id.subscription() + "/resourceGroups/" + group;
    if (!group.isEmpty() && world.get(path) == null) {
      throw new ArmException(
          404, "ResourceGroupNotFound", "Resource group '%s' could not be found.".formatted(group));
    }
  }

  static void require(World world, ResourceId id, JsonNode body) {
    boolean first = id.type().equals(ResourceTypes.RESOURCE_GROUP);
    if (first && GUID.matcher(id.subscription()).matches()) {
      // ARM has no plain PUT that makes a subscription; the first group in one makes it here.
      ResourceId subscription = ResourceId.of("/subscriptions/" + id.subscription());
      if (world.get(subscription) == null) {
        world.put(Stored.settled(subscription, Json.object(), ""));
      }
    }
    requireSubscription(world, id);
    if (!first) {
      requireGroup(world, id);
    }
    if (id.isChild() && world.get(id.parent()) == null) {
      throw new ArmException(
          404,
          "ParentResourceNotFound",
          "Failed to perform 'write' on resource(s) of type '%s', because the parent resource '%s' could not be found."
              .formatted(id.shortType(), id.parent()));
    }
    if (!id.isChild()
        && ResourceTypes.isLongRunning(id.type())
        && Json.text(body, "location") == null) {
      throw ArmException.badRequest(
          "LocationRequired", "The location property is required for this definition.");
    }
  }
}
