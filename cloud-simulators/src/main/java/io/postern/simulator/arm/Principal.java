package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Who calls: the header {@code x-ms-simulator-principal}, or the token's object id. */
final class Principal {
  static final String ANONYMOUS = "anonymous";

  private Principal() {}

  static String of(Request request) {
    String header = request.header("x-ms-simulator-principal");
    if (header != null) {
      return header;
    }
    String authorization = request.header("Authorization");
    String[] parts = authorization == null ? new String[0] : authorization.split("\\.");
    if (parts.length != 3) {
      return ANONYMOUS;
    }
    try {
      JsonNode claims = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
      String oid = Json.text(claims, "oid");
      return oid == null ? ANONYMOUS : oid;
    } catch (IllegalArgumentException | JacksonException e) {
      return ANONYMOUS;
    }
  }
}
