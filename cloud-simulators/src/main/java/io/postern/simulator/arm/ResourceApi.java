package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatorClock;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** GET, HEAD, PUT, PATCH and DELETE of resources, and lists of them. */
final class ResourceApi {
  private final ArmCloud cloud;
  private final World world;
  private final Views views;
  private final Lists lists;
  private final OperationAnswers answers;

  ResourceApi(ArmCloud cloud, SimulatorClock clock) {
    this.cloud = cloud;
    this.world = cloud.world;
    this.views = new Views(world, cloud.index);
    this.lists =
        new Lists(
            world,
            views,
            new RoleFilter(
                cloud.index, views, cloud.roles, () -> cloud.settings().authorization()));
    this.answers = new OperationAnswers(world, cloud.operations, views, clock);
  }

  Response answer(Request request) {
    String path = request.path();
    if (path.toLowerCase(Locale.ROOT).endsWith("/resources") && request.method().equals("GET")) {
      String scope = path.substring(0, path.length() - "/resources".length());
      return cloud.read(() -> lists.everything(scope, request));
    }
    ResourceId id = ResourceId.parse(path);
    if (id == null) {
      throw new ArmException(
          404, "InvalidResourceType", "The resource type could not be found: " + path);
    }
    if (!cloud.settings().throttling()) {
      return dispatch(id, request);
    }
    Throttle.Remaining remaining =
        cloud.throttle.admit(request.method(), id, Principal.of(request));
    return dispatch(id, request).with(remaining.header(), Integer.toString(remaining.calls()));
  }

  /** Inside the lock: roles may change with the same writes that they guard. */
  private void authorize(ResourceId id, Request request) {
    boolean open =
        !cloud.settings().authorization()
            || (id.namespace().equals("Microsoft.Authorization") && isRead(request))
            || isPoll(id)
            || (id.type().equals(ResourceTypes.SUBSCRIPTION) && id.isCollection());
    if (!open) {
      cloud.roles.require(Principal.of(request), Roles.actionOf(request.method(), id), id);
    }
  }

  private static boolean isRead(Request request) {
    return request.method().equals("GET");
  }

  private static boolean isPoll(ResourceId id) {
    return id.types().size() == 2 && id.types().get(0).equalsIgnoreCase("locations");
  }

  private Response dispatch(ResourceId id, Request request) {
    return switch (request.method()) {
      case "GET" -> cloud.read(() -> authorized(id, request, this::read));
      case "HEAD" ->
          cloud.read(
              () ->
                  authorized(
                      id, request, (i, r) -> Response.empty(world.get(i) == null ? 404 : 204)));
      case "PUT" ->
          cloud.write(
              () ->
                  authorized(single(id), request, (i, r) -> put(i, Json.parseObject(r.body()), r)));
      case "PATCH" -> cloud.write(() -> authorized(single(id), request, this::patch));
      case "DELETE" -> cloud.write(() -> authorized(single(id), request, this::delete));
      default ->
          throw new ArmException(
              405, "MethodNotAllowed", "The simulator does not do " + request.method());
    };
  }

  private Response authorized(
      ResourceId id, Request request, BiFunction<ResourceId, Request, Response> call) {
    authorize(id, request);
    return call.apply(id, request);
  }

  private Response read(ResourceId id, Request request) {
    boolean isView =
        id.isCollection() && id.types().get(id.types().size() - 1).equals("instanceView");
    if (isView) {
      return Response.json(200, views.instanceView(found(id.parent())).toString());
    }
    return id.isCollection() ? lists.list(id, request) : get(id, request);
  }

  private static ResourceId single(ResourceId id) {
    if (id.isCollection()) {
      throw new ArmException(405, "MethodNotAllowed", "A collection can only be read.");
    }
    return id;
  }

  private Response get(ResourceId id, Request request) {
    if (isPoll(id)) {
      return answers.poll(id, request);
    }
    if (id.type().equals(ResourceTypes.DEFAULT_RULE)) {
      return defaultRule(id);
    }
    if (id.type().equals(ResourceTypes.ROLE_DEFINITION) && world.get(id) == null) {
      return roleDefinition(id);
    }
    Stored stored = found(id);
    ObjectNode shown = views.show(stored);
    String expand = request.queryParameter("$expand");
    if (id.type().equals(ResourceTypes.VM) && "instanceView".equalsIgnoreCase(expand)) {
      Json.child(shown, "properties").set("instanceView", views.instanceView(stored));
    }
    Response response = Response.json(200, shown.toString());
    JsonNode etag = shown.path("etag");
    return etag.isString() ? response.with("ETag", etag.asString()) : response;
  }

  private Response roleDefinition(ResourceId id) {
    ObjectNode builtIn = BuiltInRoles.all().get(id.name().toLowerCase(Locale.ROOT));
    if (builtIn == null) {
      throw new ArmException(
          404,
          "RoleDefinitionDoesNotExist",
          "The specified role definition with ID '%s' does not exist.".formatted(id.name()));
    }
    return Response.json(200, builtIn.toString());
  }

  private Stored found(ResourceId id) {
    Stored stored = world.get(id);
    if (stored == null) {
      Parents.requireSubscription(world, id);
      Parents.requireGroup(world, id);
      throw id.isContainer()
          ? new ArmException(
              404,
              "ResourceGroupNotFound",
              "Resource group '" + id.name() + "' could not be found.")
          : ArmException.notFound(id);
    }
    return stored;
  }

  private Response defaultRule(ResourceId id) {
    Stored nsg = found(id.parent());
    for (Rule rule : DefaultRules.ALL) {
      if (rule.name().equalsIgnoreCase(id.name())) {
        return Response.json(200, DefaultRules.show(nsg.id(), rule, nsg.etag()).toString());
      }
    }
    throw ArmException.notFound(id);
  }

  private Response put(ResourceId id, ObjectNode body, Request request) {
    if (id.type().equals(ResourceTypes.DEFAULT_RULE)) {
      throw ArmException.badRequest(
          "InvalidRequestFormat", "Default security rules are read-only.");
    }
    if (id.type().equals(ResourceTypes.ROLE_ASSIGNMENT)) {
      cloud.roles.checkAssignment(id, body);
    }
    Writer.Written written =
        cloud.writer.put(id, body, Preconditions.of(request), cloud.settings(), action("PUT", id));
    @Nullable Stored stored = written.stored();
    if (stored == null) {
      throw new IllegalStateException(id + " is not there after it was put");
    }
    return answers.put(written, stored, request);
  }

  /** Tags are replaced; members of {@code properties} are set one by one. */
  private Response patch(ResourceId id, Request request) {
    Stored before = found(id);
    ObjectNode body = views.show(before);
    for (var member : Json.parseObject(request.body()).properties()) {
      if (member.getKey().equals("properties") && member.getValue() instanceof ObjectNode some) {
        some.properties()
            .forEach(p -> Json.child(body, "properties").set(p.getKey(), p.getValue()));
      } else {
        body.set(member.getKey(), member.getValue());
      }
    }
    return put(before.id(), body, request);
  }

  private Response delete(ResourceId id, Request request) {
    if (id.type().equals(ResourceTypes.RESOURCE_GROUP)) {
      found(id);
      cloud.writer.deleteGroup(id);
      return Response.empty(200);
    }
    Parents.requireSubscription(world, id);
    return answers.delete(
        cloud.writer.delete(id, Preconditions.of(request), cloud.settings(), action("DELETE", id)),
        request);
  }

  private static String action(String method, ResourceId id) {
    return method + " " + id.shortType();
  }
}
