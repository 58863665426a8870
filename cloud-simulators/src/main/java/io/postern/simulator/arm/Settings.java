package io.postern.simulator.arm;

import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What can be changed while the simulator runs.
 *
 * @param operationLatency how long a write of a network or compute resource takes
 * @param firewallLatency how long a write of an Azure Firewall takes
 * @param racingWrites what a second write in flight meets; a firewall always answers 409
 * @param throttling whether the documented buckets are counted
 * @param authorization whether callers need role assignments
 */
record Settings(
    Duration operationLatency,
    Duration firewallLatency,
    RacingWrites racingWrites,
    boolean throttling,
    boolean authorization) {

  /** The same settings with the members that the JSON names. */
  Settings merged(JsonNode json) {
    return new Settings(
        json.has("operationLatency")
            ? Duration.parse(json.get("operationLatency").asString())
            : operationLatency,
        json.has("firewallLatency")
            ? Duration.parse(json.get("firewallLatency").asString())
            : firewallLatency,
        json.has("racingWrites")
            ? RacingWrites.valueOf(json.get("racingWrites").asString())
            : racingWrites,
        json.path("throttling").asBoolean(throttling),
        json.path("authorization").asBoolean(authorization));
  }

  ObjectNode toJson() {
    return Json.object()
        .put("operationLatency", operationLatency.toString())
        .put("firewallLatency", firewallLatency.toString())
        .put("racingWrites", racingWrites.name())
        .put("throttling", throttling)
        .put("authorization", authorization);
  }

  Duration latencyOf(ResourceId id) {
    String type = id.root().type();
    if (!ResourceTypes.isLongRunning(type)) {
      return Duration.ZERO;
    }
    return type.equals(ResourceTypes.FIREWALL) ? firewallLatency : operationLatency;
  }
}
