package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The API for tests, below {@code /_simulator/}. */
final class SimulatorApi {
  private static final String CONNECTIONS = "connections/";

  private final ArmCloud cloud;

  SimulatorApi(ArmCloud cloud) {
    this.cloud = cloud;
  }

  Response answer(Request request) {
    String call = request.path().substring("/_simulator/".length());
    if (call.startsWith(CONNECTIONS)) {
      return connection(call.substring(CONNECTIONS.length()));
    }
    ObjectNode body = Json.parseObject(request.body());
    return switch (call) {
      case "reachable" -> reachable(Question.parse(body));
      case "connections" -> connect(Question.parse(body));
      case "foreign" -> foreign(body);
      case "reset" -> reset(body);
      case "operations" -> operations(request, body);
      case "directory" -> directory(body);
      case "settings" -> settings(request, body);
      default -> Response.json(404, Json.object().put("error", "no such call").toString());
    };
  }

  private Response reachable(Question question) {
    Verdict verdict = cloud.read(() -> cloud.packets.ask(question));
    return Response.json(
        200,
        Json.object()
            .put("reachable", verdict.reachable())
            .put("decidedBy", verdict.decidedBy())
            .toString());
  }

  private Response connect(Question question) {
    return cloud.write(
        () -> {
          Verdict verdict = cloud.packets.ask(question);
          if (!verdict.reachable()) {
            ObjectNode refused = Json.object().put("error", "not reachable");
            return Response.json(409, refused.put("decidedBy", verdict.decidedBy()).toString());
          }
          String id = cloud.connections.open(question, verdict);
          return Response.json(201, Json.object().put("id", id).toString());
        });
  }

  private Response connection(String id) {
    @Nullable ObjectNode shown = cloud.<@Nullable ObjectNode>read(() -> cloud.connections.show(id));
    return shown == null
        ? Response.json(404, Json.object().put("error", "no such connection").toString())
        : Response.json(200, shown.toString());
  }

  /** A person or another tool changes a resource; it takes effect at once. */
  private Response foreign(ObjectNode body) {
    ResourceId id = ResourceId.of(body.path("id").asString(""));
    boolean delete = body.path("method").asString("PUT").equalsIgnoreCase("DELETE");
    return cloud.write(
        () -> {
          if (delete) {
            cloud.writer.delete(id, Preconditions.NONE, null, "");
          } else {
            JsonNode document = body.path("body");
            ObjectNode content = document instanceof ObjectNode object ? object : Json.object();
            cloud.writer.put(id, content, Preconditions.NONE, null, "");
          }
          return Response.empty(204);
        });
  }

  private Response reset(ObjectNode body) {
    boolean small = body.path("scene").asString("").equals("small");
    return cloud.write(
        () -> {
          cloud.clear();
          if (small) {
            new ArmScene(cloud).quickstart();
          }
          return Response.empty(204);
        });
  }

  private Response operations(Request request, ObjectNode body) {
    return cloud.write(
        () -> {
          if (request.method().equals("DELETE")) {
            cloud.operations.disarm();
          } else {
            cloud.operations.arm(OperationPlan.Armed.parse(body));
          }
          return Response.empty(204);
        });
  }

  private Response directory(ObjectNode body) {
    return cloud.write(
        () -> {
          cloud.directory.replace(body.path("groups"));
          return Response.empty(204);
        });
  }

  private Response settings(Request request, ObjectNode body) {
    if (request.method().equals("POST")) {
      cloud.settings(cloud.settings().merged(body));
    }
    return Response.json(200, cloud.settings().toJson().toString());
  }
}
