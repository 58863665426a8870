package io.postern.simulator.arm;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One long-running operation. Guarded by the world's lock. */
final class Operation {
  static final String IN_PROGRESS = "InProgress";
  static final String CANCELED = "Canceled";

  final String id;
  final ResourceId resource;
  final boolean delete;
  final String location;
  final OperationPlan plan;
  final @Nullable Instant endsAt;

  /** Keys of the resources whose state hangs on this operation. */
  final Set<String> touched = new HashSet<>();

  private String status = IN_PROGRESS;
  private @Nullable String errorCode;
  private @Nullable String errorMessage;

  Operation(
      String id,
      ResourceId resource,
      boolean delete,
      String location,
      OperationPlan plan,
      @Nullable Instant endsAt) {
    this.id = id;
    this.resource = resource;
    this.delete = delete;
    this.location = location;
    this.plan = plan;
    this.endsAt = endsAt;
  }

  String status() {
    return status;
  }

  boolean isRunning() {
    return status.equals(IN_PROGRESS);
  }

  @Nullable String errorCode() {
    return errorCode;
  }

  void end(String newStatus, @Nullable String code, @Nullable String message) {
    status = newStatus;
    errorCode = code;
    errorMessage = message;
  }

  /** For example {@code PutSecurityRuleOperation}. */
  String name() {
    String type = resource.types().get(resource.types().size() - 1);
    String singular =
        type.endsWith("ies")
            ? type.substring(0, type.length() - 3) + "y"
            : type.substring(0, type.length() - 1);
    return (delete ? "Delete" : "Put")
        + Character.toUpperCase(singular.charAt(0))
        + singular.substring(1)
        + "Operation";
  }

  /** What {@code Azure-AsyncOperation} answers. */
  ObjectNode toJson() {
    ObjectNode json = Json.object().put("status", status);
    if (errorCode != null) {
      ObjectNode error = Json.child(json, "error");
      error.put("code", errorCode).put("message", errorMessage);
      error.putArray("details");
    }
    return json;
  }
}
