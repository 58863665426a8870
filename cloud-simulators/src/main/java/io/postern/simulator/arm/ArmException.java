package io.postern.simulator.arm;

import io.postern.simulator.kernel.Response;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An error that ARM answers; turned into its JSON at the edge. */
final class ArmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One entry of {@code error.details}. */
  record Detail(String code, String message) {}

  private final int status;
  private final String code;
  private final transient List<Detail> details;
  private final int retryAfterSeconds;

  ArmException(
      int status, String code, String message, int retryAfterSeconds, List<Detail> details) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.details = List.copyOf(details);
    this.retryAfterSeconds = retryAfterSeconds;
  }

  ArmException(int status, String code, String message) {
    this(status, code, message, 0, List.of());
  }

  static ArmException badRequest(String code, String message) {
    return new ArmException(400, code, message);
  }

  static ArmException notFound(ResourceId id) {
    return new ArmException(
        404,
        "ResourceNotFound",
        "The Resource '%s/%s' under resource group '%s' was not found."
            .formatted(id.type(), String.join("/", id.names()), id.resourceGroup()));
  }

  String code() {
    return code;
  }

  Response toResponse() {
    Response response = Response.json(status, body().toString());
    return retryAfterSeconds > 0
        ? response.with("Retry-After", Integer.toString(retryAfterSeconds))
        : response;
  }

  private ObjectNode body() {
    ObjectNode body = Json.object();
    ObjectNode error = Json.child(body, "error");
    error.put("code", code).put("message", getMessage());
    ArrayNode list = error.putArray("details");
    details.forEach(d -> list.add(Json.object().put("code", d.code()).put("message", d.message())));
    return body;
  }
}
