package io.postern.simulator.ec2;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Everything the simulator knows; what the state file holds. Guarded by the cloud's lock. */
@JsonAutoDetect(
    fieldVisibility = Visibility.NON_PRIVATE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
final class World {
  TreeMap<String, Region> regions = new TreeMap<>();
  TreeMap<String, Principal> sessions = new TreeMap<>();
  TreeMap<String, Connection> connections = new TreeMap<>();

  /** Role ARN to the external id that it asks for. */
  TreeMap<String, String> externalIds = new TreeMap<>();

  List<Policy> policies = new ArrayList<>();

  /** Actions that our callers may not use; a foreign hand may. */
  TreeSet<String> denied = new TreeSet<>();

  Settings settings;
  long lastId;

  World(@com.fasterxml.jackson.annotation.JsonProperty("settings") Settings settings) {
    this.settings = settings;
  }

  Region region(String name) {
    return regions.computeIfAbsent(name, Region::empty);
  }

  /** The same content at this moment; changes to this world do not reach it. */
  World copy() {
    World copy = new World(settings);
    regions.forEach((name, region) -> copy.regions.put(name, region.copy()));
    copy.sessions.putAll(sessions);
    copy.connections.putAll(connections);
    copy.externalIds.putAll(externalIds);
    copy.policies.addAll(policies);
    copy.denied.addAll(denied);
    copy.lastId = lastId;
    return copy;
  }

  /** A new id of EC2's shape; the same sequence in every run. */
  String id(String prefix) {
    return prefix + "-0" + HexFormat.of().toHexDigits(scramble(++lastId));
  }

  private static long scramble(long n) {
    long z = n * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
