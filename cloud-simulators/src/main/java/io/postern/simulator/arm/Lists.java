package io.postern.simulator.arm;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Collections, in pages. Callers hold the world's lock. */
final class Lists {
  /** Resources on a page; a client that does not follow {@code nextLink} sees no more. */
  static final int PAGE = 100;

  private final World world;
  private final Views views;
  private final RoleFilter roles;

  Lists(World world, Views views, RoleFilter roles) {
    this.world = world;
    this.views = views;
    this.roles = roles;
  }

  Response list(ResourceId collection, Request request) {
    if (!collection.type().equals(ResourceTypes.SUBSCRIPTION)) {
      Parents.requireSubscription(world, collection);
      Parents.requireGroup(world, collection);
    }
    if (collection.isChild() && world.get(collection.parent()) == null) {
      throw ArmException.notFound(collection.parent());
    }
    if (collection.type().equals(ResourceTypes.DEFAULT_RULE)) {
      return page(defaults(collection.parent()), request);
    }
    if (collection.namespace().equals("Microsoft.Authorization")) {
      return page(
          roles.list(collection, request.queryParameter("$filter"), Principal.of(request)),
          request);
    }
    return stored(found(collection), request);
  }

  /** All top-level resources of a subscription or group, with {@code resourceType eq '...'}. */
  Response everything(String scope, Request request) {
    String filter = request.queryParameter("$filter");
    String type = filter == null ? null : quoted(filter);
    List<Stored> found = new ArrayList<>();
    for (Stored s : world.under(scope)) {
      if (!s.id().isChild()
          && !s.id().isContainer()
          && (type == null || s.id().type().equalsIgnoreCase(type))) {
        found.add(s);
      }
    }
    return stored(found, request);
  }

  private static @Nullable String quoted(String filter) {
    int from = filter.indexOf('\'');
    int to = filter.indexOf('\'', from + 1);
    return from < 0 || to < 0 ? null : filter.substring(from + 1, to);
  }

  private List<Stored> found(ResourceId collection) {
    boolean acrossGroups =
        !collection.isChild() && !collection.isContainer() && collection.resourceGroup().isEmpty();
    if (!acrossGroups) {
      return world.members(collection);
    }
    List<Stored> found = new ArrayList<>();
    String marker = "/providers/" + (collection.namespace() + "/" + collection.shortType()) + "/";
    String lower = marker.toLowerCase(Locale.ROOT);
    for (Stored s : world.under(collection.scope())) {
      if (!s.id().isChild() && s.id().key().contains(lower)) {
        found.add(s);
      }
    }
    return found;
  }

  private List<ObjectNode> defaults(ResourceId nsg) {
    Stored stored = world.get(nsg);
    if (stored == null) {
      throw ArmException.notFound(nsg);
    }
    return DefaultRules.ALL.stream()
        .map(r -> DefaultRules.show(stored.id(), r, stored.etag()))
        .toList();
  }

  private Response stored(List<Stored> found, Request request) {
    int from = skip(request);
    int to = Math.min(found.size(), from + pageSize(request));
    List<ObjectNode> shown = new ArrayList<>();
    for (Stored s : found.subList(Math.min(from, to), to)) {
      shown.add(shown(s, request));
    }
    return answer(shown, to < found.size() ? to : -1, request);
  }

  /** With {@code statusOnly=true} machines are listed with their running state. */
  private ObjectNode shown(Stored s, Request request) {
    ObjectNode shown = views.show(s);
    if (s.id().type().equals(ResourceTypes.VM)
        && "true".equalsIgnoreCase(request.queryParameter("statusOnly"))) {
      Json.child(shown, "properties").set("instanceView", views.instanceView(s));
    }
    return shown;
  }

  private Response page(List<ObjectNode> all, Request request) {
    int from = Math.min(skip(request), all.size());
    int to = Math.min(all.size(), from + pageSize(request));
    return answer(all.subList(from, to), to < all.size() ? to : -1, request);
  }

  private static int skip(Request request) {
    String token = request.queryParameter("$skipToken");
    return token == null || !token.matches("[0-9]{1,9}") ? 0 : Integer.parseInt(token);
  }

  private static int pageSize(Request request) {
    String top = request.queryParameter("$top");
    return top == null || !top.matches("[1-9][0-9]{0,2}")
        ? PAGE
        : Math.min(PAGE, Integer.parseInt(top));
  }

  private static Response answer(List<ObjectNode> shown, int next, Request request) {
    ObjectNode list = Json.object();
    ArrayNode value = list.putArray("value");
    shown.forEach(value::add);
    if (next >= 0) {
      String query =
          request
              .rawQuery()
              .replaceAll("(^|&)(\\$|%24)skip[tT]oken=[^&]*", "")
              .replaceAll("^&", "");
      list.put(
          "nextLink",
          "%s%s?%s&%%24skipToken=%d"
              .formatted(Discovery.base(request), encoded(request.path()), query, next));
    }
    return Response.json(200, list.toString());
  }

  private static String encoded(String path) {
    return path.replace("%", "%25").replace(" ", "%20");
  }
}
