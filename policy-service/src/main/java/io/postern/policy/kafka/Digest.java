package io.postern.policy.kafka;

import io.postern.event.PortSelection;
import io.postern.event.RequestSubmitted;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The digest by which approvals and decisions name exactly what was asked. */
final class Digest {
  private Digest() {}

  static String of(RequestSubmitted request) {
    StringBuilder content = new StringBuilder();
    // Each part with its length, so that no text can pass for another part.
    for (String part : parts(request)) {
      content.append(part.length()).append(':').append(part).append('\n');
    }
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(content.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static List<String> parts(RequestSubmitted request) {
    List<String> parts = new ArrayList<>(plain(request));
    if (request.getAllOrNothing()) {
      parts.add("all or nothing");
    }
    return parts;
  }

  // As Avro writes a list of them, which renders each by its schema.
  static String ports(List<PortSelection> ports) {
    StringBuilder text = new StringBuilder("[");
    for (PortSelection each : ports) {
      text.append(text.length() == 1 ? "" : ", ")
          .append("{\"fromPort\": ")
          .append(each.getFromPort())
          .append(", \"toPort\": ")
          .append(each.getToPort())
          .append(", \"protocol\": \"")
          .append(each.getProtocol())
          .append("\"}");
    }
    return text.append(']').toString();
  }

  private static List<String> plain(RequestSubmitted request) {
    return List.of(
        request.getRequestId(),
        request.getRequestor().getSubject(),
        request.getRequestor().getIssuer(),
        request.getMachines().toString(),
        ports(request.getPorts()),
        request.getSources().toString(),
        String.valueOf(request.getStartAt()),
        String.valueOf(request.getBreakGlass()),
        Long.toString(request.getDurationMillis()),
        String.valueOf(request.getJustification()));
  }
}
