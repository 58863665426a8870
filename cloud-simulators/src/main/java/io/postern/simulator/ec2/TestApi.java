package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Journal;
import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The API for tests below {@code /_simulator/}; EC2.md shows each call. */
final class TestApi {
  private final Ec2Cloud cloud;
  private final Settings initial;
  private final FlowApi flows;
  private @Nullable Journal journal;

  TestApi(Ec2Cloud cloud, Settings initial) {
    this.cloud = cloud;
    this.flows = new FlowApi(cloud);
    this.initial = initial;
  }

  void journalTo(Journal newJournal) {
    journal = newJournal;
  }

  Response handle(Request request) {
    String path = request.path().substring("/_simulator/".length());
    try {
      if (path.startsWith("connections/")) {
        return flows.connection(path.substring("connections/".length()));
      }
      JsonNode body = body(request);
      return switch (path) {
        case "reachable" -> flows.reachable(body);
        case "connections" -> flows.connect(body);
        case "foreign" -> foreign(body);
        case "drain" -> drain(body);
        case "reset" -> reset(body);
        case "settings" -> settings(request, body);
        case "denied" -> denied(request, body);
        case "policies" -> policies(request, body);
        case "roles" -> role(body);
        case "shares" -> share(body);
        case "network-acls" -> acl(request, body);
        default -> answer(404, Map.of("error", "no such call: " + path));
      };
    } catch (Ec2Error e) {
      return answer(400, Map.of("error", e.text()));
    } catch (JacksonException e) {
      return answer(400, Map.of("error", String.valueOf(e.getOriginalMessage())));
    }
  }

  private static JsonNode body(Request request) {
    return request.body().length == 0
        ? Storage.JSON.createObjectNode()
        : Storage.JSON.readTree(request.body());
  }

  static Response answer(int status, Object body) {
    return Response.json(status, Storage.JSON.writeValueAsString(body));
  }

  static String text(JsonNode body, String field) {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      throw Ec2Error.missing(field);
    }
    return value.asString();
  }

  /** An edit by somebody else: no throttling, no faults, no refusals; in the journal as his. */
  private Response foreign(JsonNode body) {
    String action = text(body, "action");
    Map<String, String> form = new HashMap<>();
    body.path("parameters")
        .properties()
        .forEach(field -> form.put(field.getKey(), field.getValue().asString()));
    Principal caller = Principal.foreign(text(body, "account"));
    Response response =
        cloud
            .call(caller, text(body, "region"), action, form)
            .with("x-simulator-caller", caller.arn());
    Journal kept = journal;
    if (kept != null) {
      Request shown =
          new Request(
              "POST",
              "/",
              "",
              Map.of(),
              Map.of(),
              Storage.JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
      kept.add(new Journal.Entry(cloud.now(), action, shown, response));
    }
    return response;
  }

  private Response drain(JsonNode body) {
    cloud.drain(
        text(body, "account"),
        text(body, "region"),
        text(body, "action"),
        Integer.parseInt(text(body, "tokens")));
    return Response.empty(204);
  }

  private Response reset(JsonNode body) {
    cloud.reset(initial);
    if (body.path("scene").asString("").equals("small")) {
      Ec2Scene.small(cloud);
    }
    return Response.empty(204);
  }

  private Response settings(Request request, JsonNode body) {
    boolean changes = request.method().equals("POST");
    return cloud.withWorld(
        changes,
        world -> {
          ObjectNode merged = Storage.JSON.valueToTree(world.settings);
          merged.setAll((ObjectNode) body);
          world.settings = Storage.JSON.treeToValue(merged, Settings.class);
          return answer(200, world.settings);
        });
  }

  private Response denied(Request request, JsonNode body) {
    return cloud.withWorld(
        true,
        world -> {
          if (request.method().equals("DELETE")) {
            world.denied.clear();
          } else {
            world.denied.add(text(body, "action"));
          }
          return Response.empty(204);
        });
  }

  private Response policies(Request request, JsonNode body) {
    return cloud.withWorld(
        true,
        world -> {
          if (request.method().equals("DELETE")) {
            world.policies.clear();
          } else {
            world.policies.add(Storage.JSON.treeToValue(body, Policy.class));
          }
          return Response.empty(204);
        });
  }

  private Response role(JsonNode body) {
    String arn = text(body, "arn");
    String externalId = text(body, "externalId");
    return cloud.withWorld(
        true,
        world -> {
          world.externalIds.put(arn, externalId);
          return Response.empty(204);
        });
  }

  private Response share(JsonNode body) {
    Region.Share share = new Region.Share(text(body, "resource"), text(body, "account"));
    return cloud.withWorld(
        true,
        world -> {
          world.region(text(body, "region")).shares().add(share);
          return Response.empty(204);
        });
  }

  private Response acl(Request request, JsonNode body) {
    String subnet = text(body, "subnet");
    return cloud.withWorld(
        true,
        world -> {
          Region region = world.region(text(body, "region"));
          if (request.method().equals("DELETE")) {
            region.acls().remove(subnet);
          } else {
            List<AclDenial> denials = new ArrayList<>();
            for (JsonNode denial : body.path("deny")) {
              denials.add(Storage.JSON.treeToValue(denial, AclDenial.class));
            }
            region.acls().put(subnet, denials);
          }
          return Response.empty(204);
        });
  }
}
