package io.postern.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a request says besides its machines. */
class Asking {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Option(
      names = "--port",
      paramLabel = "PORT[/PROTOCOL]",
      description = "22, 5985-5986 or 53/UDP; may be given several times; 22 when left out")
  List<String> ports = List.of("22");

  @Option(
      names = "--source",
      paramLabel = "CIDR",
      description = "from where; your own address when left out")
  List<String> sources = List.of();

  @Option(names = "--for", paramLabel = "DURATION", description = "15m, 1h30m or PT15M")
  String time = "1h";

  @Option(names = "--why", paramLabel = "TEXT", description = "the justification")
  @Nullable String why;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "how long to wait for the open port; 2m when left out")
  String timeout = "2m";

  Duration patience() {
    return Durations.parse(timeout);
  }

  /**
   * Asks; returns the answer, with the request's id.
   *
   * @param allOrNothing whether to ask for all machines or none
   */
  JsonNode submit(Session session, List<String> machines, boolean allOrNothing) {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode named = body.putArray("machines");
    machines.forEach(m -> named.add(session.machine(m)));
    ArrayNode wanted = body.putArray("ports");
    for (String port : ports) {
      String[] parts = port.split("/", 2);
      ObjectNode one = wanted.addObject();
      if (parts[0].matches("[0-9]{1,5}")) {
        one.put("port", Integer.parseInt(parts[0]));
      } else {
        one.put("port", parts[0]);
      }
      if (parts.length == 2) {
        one.put("protocol", parts[1]);
      }
    }
    if (!sources.isEmpty()) {
      ArrayNode from = body.putArray("sources");
      sources.forEach(from::add);
    }
    body.put("duration", Durations.parse(time).toString());
    if (allOrNothing) {
      body.put("mode", "ALL_OR_NOTHING");
    }
    if (why != null) {
      body.put("justification", why);
    }
    return session
        .rest()
        .call(
            "POST",
            "/api/v1/requests",
            body,
            Map.of("Idempotency-Key", UUID.randomUUID().toString()))
        .body();
  }
}
