package io.postern.simulator.arm;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** All changes to resources go through here. Callers hold the world's write lock. */
final class Writer {
  /** What a write did. {@code operation} is null for what is done at once. */
  record Written(boolean created, @Nullable Stored stored, @Nullable Operation operation) {}

  private final World world;
  private final Index.Cache index;
  private final Operations operations;
  private final Connections connections;

  Writer(World world, Index.Cache index, Operations operations, Connections connections) {
    this.world = world;
    this.index = index;
    this.operations = operations;
    this.connections = connections;
  }

  /**
   * @param settings null for a foreign hand, whose changes take effect at once
   * @param action the name by which armed operation plans know the write
   */
  Written put(
      ResourceId asked,
      ObjectNode body,
      Preconditions preconditions,
      @Nullable Settings settings,
      String action) {
    Parents.require(world, asked, body);
    Stored before = world.get(asked);
    ResourceId id = before == null ? asked : before.id();
    Stored root = world.get(id.root());
    preconditions.check(id, root == null ? null : root.etag(), before != null);
    Operation running = racing(id, settings);
    refuseWhileDeleted(root);
    Change change = Change.put(world, id, body);
    References.check(world, change.puts());
    Operation operation = start(id, false, settings, action, running);
    String etag = newEtag();
    change.puts().forEach((key, doc) -> store(key, doc, etag, operation));
    change.removals().forEach(s -> remove(s, operation));
    if (id.isChild()) {
      touchRoot(id, etag);
    }
    finish(id, operation);
    return new Written(before == null, world.get(id), operation);
  }

  /** Deletes; {@code stored} of the answer is null when there was nothing to delete. */
  Written delete(
      ResourceId id, Preconditions preconditions, @Nullable Settings settings, String action) {
    Stored before = world.get(id);
    if (before == null) {
      return new Written(false, null, null);
    }
    Stored root = world.get(before.id().root());
    preconditions.check(before.id(), root == null ? null : root.etag(), true);
    Operation running = racing(id, settings);
    References.checkUnused(index.get(), before.id());
    Operation operation = start(before.id(), true, settings, action, running);
    Change.delete(before).removals().forEach(s -> remove(s, operation));
    if (id.isChild()) {
      touchRoot(before.id(), newEtag());
    }
    finish(before.id(), operation);
    return new Written(false, before, operation);
  }

  private static void refuseWhileDeleted(@Nullable Stored root) {
    if (root != null && root.state().equals(Stored.DELETING)) {
      throw new ArmException(
          409, "ResourceBeingDeleted", "The resource %s is being deleted.".formatted(root.id()));
    }
  }

  private @Nullable Operation racing(ResourceId id, @Nullable Settings settings) {
    Operation running = operations.running(id);
    if (running == null || settings == null) {
      return null;
    }
    RacingWrites mode =
        id.root().type().equals(ResourceTypes.FIREWALL)
            ? RacingWrites.CONFLICT_409
            : settings.racingWrites();
    String message =
        "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: %s."
            .formatted(running.id);
    return switch (mode) {
      case SUPERSEDE -> running;
      case CONFLICT_409 -> throw new ArmException(409, "AnotherOperationInProgress", message);
      case LOCK_429 ->
          throw new ArmException(
              429,
              "RetryableError",
              "A retryable error occurred.",
              1,
              java.util.List.of(
                  new ArmException.Detail("RetryableErrorDueToAnotherOperation", message)));
    };
  }

  private @Nullable Operation start(
      ResourceId id,
      boolean delete,
      @Nullable Settings settings,
      String action,
      @Nullable Operation superseded) {
    if (settings == null || !ResourceTypes.isLongRunning(id.root().type())) {
      return null;
    }
    Stored root = world.get(id.root());
    String location =
        root == null ? "westeurope" : root.doc().path("location").asString("westeurope");
    Operation operation =
        operations.start(id, delete, location, operations.planFor(action), settings.latencyOf(id));
    if (superseded != null) {
      operations.supersede(superseded, operation);
    }
    return operation;
  }

  private void store(ResourceId id, ObjectNode doc, String etag, @Nullable Operation operation) {
    Stored before = world.get(id);
    boolean same =
        id.isChild()
            && before != null
            && before.state().equals(Stored.SUCCEEDED)
            && before.doc().equals(doc);
    if (same) {
      return;
    }
    if (operation == null) {
      world.put(Stored.settled(id, doc, etag));
    } else {
      world.put(Stored.updating(id, doc, before, etag, operation.id));
      operation.touched.add(id.key());
    }
  }

  private void remove(Stored stored, @Nullable Operation operation) {
    if (operation == null) {
      world.removeTree(stored.id());
    } else {
      world.put(stored.deleting(operation.id));
      operation.touched.add(stored.id().key());
    }
  }

  private void touchRoot(ResourceId id, String etag) {
    Stored root = world.get(id.root());
    if (root != null) {
      world.replaceEtag(root.withEtag(etag));
    }
  }

  private void finish(ResourceId id, @Nullable Operation operation) {
    if (operation == null) {
      connections.changed(id.root());
    } else {
      operations.settle();
    }
  }

  /** Takes a resource group away with all that is in it. */
  void deleteGroup(ResourceId group) {
    for (Stored s : world.under(group.path())) {
      if (operations.running(s.id()) != null) {
        throw new ArmException(
            409, "ResourceGroupBeingUpdated", "An operation on " + s.id() + " is in progress.");
      }
    }
    java.util.List<ResourceId> machines = new java.util.ArrayList<>();
    for (Stored s : world.under(group.path())) {
      if (s.id().type().equals(ResourceTypes.VM)) {
        machines.add(s.id());
      }
    }
    world.removeTree(group);
    machines.forEach(connections::changed);
  }

  private static String newEtag() {
    return "W/\"" + UUID.randomUUID() + "\"";
  }
}
