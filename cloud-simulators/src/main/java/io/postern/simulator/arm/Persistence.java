package io.postern.simulator.arm;

import io.postern.simulator.kernel.StateFile;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Keeps resources, operations and connections on disk. Callers hold the world's write lock. */
final class Persistence {
  /** Ended operations that outlive the process: those that a client may still be asking for. */
  private static final int OPERATIONS = 64;

  private record Written(Stored stored, String json) {}

  private final @Nullable StateFile file;
  private final World world;
  private final Operations operations;
  private final Connections connections;
  private final Directory directory;
  private final Map<String, Written> written = new HashMap<>();

  Persistence(
      @Nullable StateFile file,
      World world,
      Operations operations,
      Connections connections,
      Directory directory) {
    this.file = file;
    this.world = world;
    this.operations = operations;
    this.connections = connections;
    this.directory = directory;
  }

  void save() {
    if (file == null) {
      return;
    }
    StringBuilder json = new StringBuilder("{\"resources\":[");
    String comma = "";
    for (Stored s : world.all()) {
      json.append(comma).append(json(s));
      comma = ",\n";
    }
    json.append("],\n\"operations\":[");
    comma = "";
    for (Operation o : operations.worthKeeping(OPERATIONS)) {
      json.append(comma).append(json(o));
      comma = ",";
    }
    json.append("],\n\"connections\":").append(connections.toJson());
    json.append(",\n\"directory\":").append(directory.toJson()).append('}');
    file.save(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Unchanged resources are not written anew: their text is kept as long as the object is. */
  @SuppressWarnings("ReferenceEquality")
  private String json(Stored s) {
    String key = s.id().key();
    Written before = written.get(key);
    if (before != null && before.stored() == s) {
      return before.json();
    }
    ObjectNode one = Json.object().put("id", s.id().path());
    one.set("doc", s.doc());
    if (s.inEffect() != s.doc()) {
      one.set("inEffect", s.inEffect());
    }
    one.put("etag", s.etag()).put("state", s.state()).put("operation", s.operation());
    String text = one.toString();
    written.put(key, new Written(s, text));
    return text;
  }

  private static ObjectNode json(Operation o) {
    ObjectNode one =
        Json.object()
            .put("id", o.id)
            .put("resource", o.resource.path())
            .put("delete", o.delete)
            .put("location", o.location)
            .put("style", o.plan.style().name())
            .put("outcome", o.plan.outcome().name())
            .put("latency", o.plan.latency() == null ? null : o.plan.latency().toString())
            .put("code", o.plan.code())
            .put("endsAt", o.endsAt == null ? null : o.endsAt.toString())
            .put("status", o.status())
            .put("errorCode", o.errorCode());
    o.touched.forEach(one.putArray("touched")::add);
    return one;
  }

  void load() {
    if (file == null) {
      return;
    }
    file.load()
        .ifPresent(
            bytes -> {
              JsonNode state = Json.MAPPER.readTree(bytes);
              state.path("resources").forEach(this::restoreResource);
              state.path("operations").forEach(this::restoreOperation);
              connections.restore(state.path("connections"));
              directory.replace(state.path("directory"));
            });
  }

  private void restoreResource(JsonNode one) {
    ObjectNode doc = (ObjectNode) one.get("doc");
    JsonNode inEffect = one.has("inEffect") ? one.get("inEffect") : doc;
    world.put(
        new Stored(
            ResourceId.of(one.path("id").asString()),
            doc,
            inEffect instanceof ObjectNode object ? object : null,
            one.path("etag").asString(""),
            one.path("state").asString(Stored.SUCCEEDED),
            Json.text(one, "operation")));
  }

  private void restoreOperation(JsonNode one) {
    String latency = Json.text(one, "latency");
    String endsAt = Json.text(one, "endsAt");
    Operation operation =
        new Operation(
            one.path("id").asString(),
            ResourceId.of(one.path("resource").asString()),
            one.path("delete").asBoolean(),
            one.path("location").asString(),
            new OperationPlan(
                OperationPlan.Style.valueOf(one.path("style").asString()),
                OperationPlan.Outcome.valueOf(one.path("outcome").asString()),
                latency == null ? null : Duration.parse(latency),
                Json.text(one, "code")),
            endsAt == null ? null : Instant.parse(endsAt));
    operation.touched.addAll(Json.texts(one, "touched"));
    String status = one.path("status").asString(Operation.IN_PROGRESS);
    if (!status.equals(Operation.IN_PROGRESS)) {
      operation.end(status, Json.text(one, "errorCode"), "from before the restart");
    }
    operations.restore(operation);
  }
}
