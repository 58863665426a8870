package io.postern.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Trees as words for people. */
final class Text {
  private Text() {}

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String joined(JsonNode array) {
    return array.valueStream().map(n -> n.asString("?")).collect(Collectors.joining(", "));
  }

  /** The last part of a machine's id. */
  static String last(String id) {
    return id.substring(id.lastIndexOf('/') + 1);
  }

  static String last(JsonNode ids) {
    return ids.valueStream().map(n -> last(n.asString("?"))).collect(Collectors.joining(", "));
  }

  static String ports(JsonNode ports) {
    return ports
        .valueStream()
        .map(p -> p.path("port").asString("?") + "/" + p.path("protocol").asString("TCP"))
        .collect(Collectors.joining(", "));
  }
}
