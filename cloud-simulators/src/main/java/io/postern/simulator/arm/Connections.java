package io.postern.simulator.arm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Connections that were opened. A security group's change leaves them alive unless the group says
 * {@code flushConnection}; a firewall's change ends those that it now denies. Guarded by the
 * world's lock.
 */
final class Connections {
  private record Connection(Question question, Set<String> path, @Nullable String diedBecause) {}

  private final World world;
  private final PacketModel packets;
  private final Map<String, Connection> byId = new LinkedHashMap<>();

  Connections(World world, PacketModel packets) {
    this.world = world;
    this.packets = packets;
  }

  /** Opens a connection that the verdict allows; its id. */
  String open(Question question, Verdict verdict) {
    String id = UUID.randomUUID().toString();
    byId.put(id, new Connection(question, verdict.path(), null));
    return id;
  }

  /** {@code alive} and, once dead, {@code diedBecause}; null for an unknown id. */
  @Nullable ObjectNode show(String id) {
    Connection c = byId.get(id);
    if (c == null) {
      return null;
    }
    ObjectNode shown = Json.object().put("alive", c.diedBecause() == null);
    return shown.put("diedBecause", c.diedBecause());
  }

  /** Looks again at the connections that a change to this top-level resource may end. */
  void changed(ResourceId root) {
    if (byId.isEmpty()) {
      return;
    }
    String key = root.key();
    boolean drops =
        switch (root.type()) {
          case ResourceTypes.NSG -> world.inEffect(key).path("flushConnection").asBoolean(false);
          case ResourceTypes.FIREWALL -> true;
          default -> false;
        };
    boolean isMachine = root.type().equals(ResourceTypes.VM);
    byId.replaceAll(
        (id, c) -> {
          if (c.diedBecause() != null) {
            return c;
          }
          if (isMachine) {
            return world.get(c.question().machine()) == null ? dead(c, "the machine is gone") : c;
          }
          return drops && c.path().contains(key) ? judgedAgain(c) : c;
        });
  }

  private Connection judgedAgain(Connection c) {
    Verdict verdict = packets.ask(c.question());
    return verdict.reachable() ? c : dead(c, verdict.decidedBy());
  }

  private static Connection dead(Connection c, String reason) {
    return new Connection(c.question(), c.path(), reason);
  }

  void clear() {
    byId.clear();
  }

  ArrayNode toJson() {
    ArrayNode all = Json.array();
    byId.forEach(
        (id, c) -> {
          ObjectNode one =
              Json.object()
                  .put("id", id)
                  .put("source", c.question().source())
                  .put("machine", c.question().machine())
                  .put("port", c.question().port())
                  .put("protocol", c.question().protocol())
                  .put("diedBecause", c.diedBecause());
          c.path().forEach(one.putArray("path")::add);
          all.add(one);
        });
    return all;
  }

  void restore(JsonNode all) {
    for (JsonNode one : all) {
      byId.put(
          one.path("id").asString(),
          new Connection(
              Question.parse(one),
              new TreeSet<>(Json.texts(one, "path")),
              Json.text(one, "diedBecause")));
    }
  }
}
