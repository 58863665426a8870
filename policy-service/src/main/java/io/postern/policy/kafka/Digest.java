package io.postern.policy.kafka;

import io.postern.event.RequestSubmitted;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest by which approvals and decisions name exactly what was asked. */
final class Digest {
  private Digest() {}

  static String of(RequestSubmitted request) {
    String content =
        String.join(
            "\n",
            request.getRequestId(),
            request.getRequestor().getSubject(),
            request.getRequestor().getIssuer(),
            request.getMachines().toString(),
            request.getPorts().toString(),
            request.getSources().toString(),
            Long.toString(request.getDurationMillis()),
            String.valueOf(request.getJustification()));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(content.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
