package io.postern.simulator.arm;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** May this source reach this port of this machine? The protocol is in lower case. */
record Question(String source, String machine, int port, String protocol) {
  static Question parse(JsonNode json) {
    String source = Json.text(json, "source");
    String machine = Json.text(json, "machine");
    if (source == null || machine == null || Cidr.parse(source) == null) {
      throw ArmException.badRequest(
          "InvalidRequestContent", "needs source (an address), machine (an ARM id) and port");
    }
    return new Question(
        source,
        machine,
        json.path("port").asInt(0),
        json.path("protocol").asString("TCP").toLowerCase(Locale.ROOT));
  }
}
