package io.postern.simulator.arm;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A security rule as the packet model reads it: the {@code properties} of its document. */
record Rule(String name, JsonNode properties) {
  static List<String> values(JsonNode properties, String singular, String plural) {
    String one = Json.text(properties, singular);
    return one == null ? Json.texts(properties, plural) : List.of(one);
  }

  static int count(JsonNode properties, String singular, String plural) {
    return Json.text(properties, singular) == null ? properties.path(plural).size() : 1;
  }

  int priority() {
    return properties.path("priority").asInt(0);
  }

  boolean isInbound() {
    return properties.path("direction").asString("").equalsIgnoreCase("Inbound");
  }

  boolean allows() {
    return properties.path("access").asString("").equalsIgnoreCase("Allow");
  }

  boolean matches(Packet packet) {
    return protocol(packet)
        && ports(packet)
        && side("source", packet)
        && side("destination", packet);
  }

  private boolean protocol(Packet packet) {
    String protocol = properties.path("protocol").asString("").toLowerCase(Locale.ROOT);
    return protocol.equals("*") || protocol.equals(packet.protocol());
  }

  /** The source port is not part of a question, so only an asterisk or all ports match it. */
  private boolean ports(Packet packet) {
    boolean from =
        values(properties, "sourcePortRange", "sourcePortRanges").stream()
            .map(PortRange::parse)
            .anyMatch(r -> r != null && r.from() <= 1024 && r.to() == 65535);
    return from
        && values(properties, "destinationPortRange", "destinationPortRanges").stream()
            .map(PortRange::parse)
            .anyMatch(r -> r != null && r.contains(packet.port()));
  }

  private boolean side(String side, Packet packet) {
    boolean source = side.equals("source");
    for (String value : values(properties, side + "AddressPrefix", side + "AddressPrefixes")) {
      if (packet.matches(source, value)) {
        return true;
      }
    }
    for (JsonNode group : properties.path(side + "ApplicationSecurityGroups")) {
      if (packet.isIn(source, group.path("id").asString(""))) {
        return true;
      }
    }
    return false;
  }
}
