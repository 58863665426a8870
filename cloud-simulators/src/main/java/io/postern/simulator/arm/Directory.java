package io.postern.simulator.arm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Who is a member of which group; groups may be members of groups. Guarded by the world's lock. */
final class Directory {
  private final Map<String, Set<String>> groupsOf = new HashMap<>();
  private ObjectNode groups = Json.object();

  /** Replaces all groups: {@code {"group id": ["member id", ...]}}. */
  void replace(JsonNode json) {
    groupsOf.clear();
    groups = json instanceof ObjectNode object ? object : Json.object();
    for (var group : groups.properties()) {
      for (JsonNode member : group.getValue()) {
        groupsOf
            .computeIfAbsent(lower(member.asString("")), m -> new HashSet<>())
            .add(lower(group.getKey()));
      }
    }
  }

  ObjectNode toJson() {
    return groups;
  }

  /** The principal and every group that it is in, directly or through other groups. */
  Set<String> withGroups(String principal) {
    Set<String> found = new HashSet<>();
    Deque<String> next = new ArrayDeque<>();
    next.add(lower(principal));
    while (!next.isEmpty()) {
      String id = next.remove();
      if (found.add(id)) {
        next.addAll(groupsOf.getOrDefault(id, Set.of()));
      }
    }
    return found;
  }

  private static String lower(String id) {
    return id.toLowerCase(Locale.ROOT);
  }
}
