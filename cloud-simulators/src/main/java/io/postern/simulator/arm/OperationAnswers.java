package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatorClock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The headers that lead to a long-running operation, and what is found there. */
final class OperationAnswers {
  /** What Azure's network provider suggests most often. */
  private static final long LONGEST_WAIT_SECONDS = 10;

  private final World world;
  private final Operations operations;
  private final Views views;
  private final SimulatorClock clock;

  OperationAnswers(World world, Operations operations, Views views, SimulatorClock clock) {
    this.world = world;
    this.operations = operations;
    this.views = views;
    this.clock = clock;
  }

  Response put(Writer.Written written, Stored stored, Request request) {
    Operation operation = written.operation();
    boolean onlyLocation =
        operation != null && operation.plan.style() == OperationPlan.Style.LOCATION;
    int status = onlyLocation ? 202 : written.created() ? 201 : 200;
    return linked(Response.json(status, views.show(stored).toString()), operation, request);
  }

  Response delete(Writer.Written written, Request request) {
    if (written.stored() == null) {
      return Response.empty(204);
    }
    if (written.operation() == null) {
      return written.stored().id().namespace().equals("Microsoft.Authorization")
          ? Response.json(200, views.show(written.stored()).toString())
          : Response.empty(200);
    }
    return linked(Response.empty(202), written.operation(), request);
  }

  private Response linked(Response response, @Nullable Operation operation, Request request) {
    if (operation == null || operation.plan.style() == OperationPlan.Style.NONE) {
      return response;
    }
    Response linked = response.with("Retry-After", Long.toString(waitOf(operation)));
    OperationPlan.Style style = operation.plan.style();
    if (style != OperationPlan.Style.LOCATION) {
      linked = linked.with("Azure-AsyncOperation", url(operation, "operations", request));
    }
    boolean location =
        style == OperationPlan.Style.LOCATION
            || (style == OperationPlan.Style.BOTH && operation.delete);
    return location ? linked.with("Location", url(operation, "operationResults", request)) : linked;
  }

  /** Zero when the operation is over: a client that obeys then polls at once. */
  private long waitOf(Operation operation) {
    if (!operation.isRunning()) {
      return 0;
    }
    if (operation.endsAt == null) {
      return LONGEST_WAIT_SECONDS;
    }
    Duration left = Duration.between(clock.now(), operation.endsAt);
    return Math.clamp(left.toMillis() / 1000 + 1, 1, LONGEST_WAIT_SECONDS);
  }

  private static String url(Operation operation, String kind, Request request) {
    String version = request.queryParameter("api-version");
    return "%s/subscriptions/%s/providers/%s/locations/%s/%s/%s?api-version=%s"
        .formatted(
            Discovery.base(request),
            operation.resource.subscription(),
            operation.resource.namespace(),
            operation.location.replace(" ", ""),
            kind,
            operation.id,
            version == null ? "2025-03-01" : version);
  }

  /** {@code .../locations/{location}/operations/{id}} and {@code .../operationResults/{id}}. */
  Response poll(ResourceId id, Request request) {
    Operation operation = operations.get(id.name());
    if (operation == null) {
      throw new ArmException(
          404, "OperationNotFound", "The operation '%s' was not found.".formatted(id.name()));
    }
    if (id.types().get(1).equalsIgnoreCase("operations")) {
      Response status = Response.json(200, operation.toJson().toString());
      return operation.isRunning()
          ? status.with("Retry-After", Long.toString(waitOf(operation)))
          : status;
    }
    return result(operation, request);
  }

  private Response result(Operation operation, Request request) {
    if (operation.isRunning()) {
      return Response.empty(202)
          .with("Location", url(operation, "operationResults", request))
          .with("Retry-After", Long.toString(waitOf(operation)));
    }
    if (operation.errorCode() != null) {
      int status = operation.status().equals(Operation.CANCELED) ? 409 : 500;
      throw new ArmException(status, operation.errorCode(), operation.name() + " did not succeed.");
    }
    Stored stored = world.get(operation.resource);
    return operation.delete || stored == null
        ? Response.empty(204)
        : Response.json(200, views.show(stored).toString());
  }
}
