package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Lists of role assignments, role definitions and deny assignments. */
final class RoleFilter {
  private final World world;
  private final Views views;

  RoleFilter(World world, Views views) {
    this.world = world;
    this.views = views;
  }

  List<ObjectNode> list(ResourceId collection, @Nullable String filter) {
    List<ObjectNode> found = new ArrayList<>();
    for (Stored s : world.members(collection)) {
      found.add(views.show(s));
    }
    return found;
  }
}
