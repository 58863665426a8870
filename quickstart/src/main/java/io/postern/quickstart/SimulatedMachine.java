package io.postern.quickstart;

import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A machine in a simulated cloud, asked through the simulator's packet model. */
final class SimulatedMachine {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final String cloud;
  private final String id;
  private final Api simulator;

  /** What the packet model says of a packet. */
  record Verdict(boolean reachable, String decidedBy) {}

  SimulatedMachine(String cloud, String id, Api simulator) {
    this.cloud = cloud;
    this.id = id;
    this.simulator = simulator;
  }

  String cloud() {
    return cloud;
  }

  String id() {
    return id;
  }

  Verdict packet(String source, int port) throws IOException, InterruptedException {
    JsonNode answer =
        simulator.call("POST", "/_simulator/reachable", question(source, port), Map.of()).body();
    return new Verdict(answer.path("reachable").asBoolean(), answer.path("decidedBy").asString(""));
  }

  /**
   * Opens a connection.
   *
   * @return its id, or an empty text when it was refused
   */
  String connect(String source, int port) throws IOException, InterruptedException {
    return simulator
        .call("POST", "/_simulator/connections", question(source, port), Map.of())
        .body()
        .path("id")
        .asString("");
  }

  boolean isAlive(String connection) throws IOException, InterruptedException {
    return simulator
        .call("GET", "/_simulator/connections/" + connection, "", Map.of())
        .body()
        .path("alive")
        .asBoolean();
  }

  private String question(String source, int port) {
    return JSON.writeValueAsString(
        Map.of("source", source, "machine", id, "port", port, "protocol", "TCP"));
  }
}
