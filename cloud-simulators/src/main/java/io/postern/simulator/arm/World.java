package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Every resource that exists, in the order of their keys. Callers hold {@link #lock}. */
final class World {
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final NavigableMap<String, Stored> resources = new TreeMap<>();
  private long structure;

  ReadWriteLock lock() {
    return lock;
  }

  /** Changes whenever anything is written that an index reads. */
  long structure() {
    return structure;
  }

  boolean isEmpty() {
    return resources.isEmpty();
  }

  @Nullable Stored get(ResourceId id) {
    return resources.get(id.key());
  }

  @Nullable Stored get(String id) {
    return resources.get(id.toLowerCase(Locale.ROOT));
  }

  /** The properties that packets meet, or a missing node. */
  JsonNode inEffect(@Nullable String id) {
    Stored stored = id == null ? null : get(id);
    return stored == null || stored.inEffect() == null
        ? MissingNode.getInstance()
        : stored.inEffect().path("properties");
  }

  void put(Stored stored) {
    resources.put(stored.id().key(), stored);
    touched(stored.id());
  }

  /** Stores a resource of which nothing but the ETag is new. */
  void replaceEtag(Stored stored) {
    resources.put(stored.id().key(), stored);
  }

  /** Takes a resource away with everything under it. */
  void removeTree(ResourceId id) {
    String key = id.key();
    resources.remove(key);
    resources.subMap(key + "/", key + "0").clear();
    if (!id.type().startsWith(ResourceTypes.NSG)) {
      structure++;
    }
  }

  void clear() {
    resources.clear();
    structure++;
  }

  private void touched(ResourceId id) {
    if (ResourceTypes.INDEXED.contains(id.type())) {
      structure++;
    }
  }

  /** The direct members of a collection, for example of {@code .../securityRules}. */
  List<Stored> members(ResourceId collection) {
    String prefix = collection.key() + "/";
    List<Stored> members = new ArrayList<>();
    for (var entry : resources.subMap(prefix, collection.key() + "0").entrySet()) {
      if (entry.getKey().indexOf('/', prefix.length()) < 0) {
        members.add(entry.getValue());
      }
    }
    return members;
  }

  /** Everything under a path, at any depth. */
  Iterable<Stored> under(String path) {
    String key = path.toLowerCase(Locale.ROOT);
    return resources.subMap(key + "/", key + "0").values();
  }

  Iterable<Stored> all() {
    return resources.values();
  }
}
