package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Lists of assignments, definitions and denials with ARM's {@code $filter}. */
final class RoleFilter {
  private static final Pattern ASSIGNED_TO =
      Pattern.compile("assignedTo\\('([^']*)'\\)", Pattern.CASE_INSENSITIVE);
  private static final Pattern EQUALS =
      Pattern.compile("(principalId|roleName|type)\\s+eq\\s+'([^']*)'", Pattern.CASE_INSENSITIVE);

  private final Index.Cache index;
  private final Views views;
  private final Roles roles;
  private final BooleanSupplier authorization;

  /**
   * @param authorization whether callers need role assignments; when not, each may do everything
   */
  RoleFilter(Index.Cache index, Views views, Roles roles, BooleanSupplier authorization) {
    this.index = index;
    this.views = views;
    this.roles = roles;
    this.authorization = authorization;
  }

  List<ObjectNode> list(ResourceId collection, @Nullable String filter, String caller) {
    String wanted = filter == null ? "" : filter.replace('+', ' ');
    String scope = collection.scope();
    return switch (collection.type()) {
      case ResourceTypes.ROLE_DEFINITION -> definitions(scope, wanted);
      case ResourceTypes.ROLE_ASSIGNMENT -> found(index.get().roleAssignments(), scope, wanted);
      case ResourceTypes.DENY_ASSIGNMENT -> found(index.get().denyAssignments(), scope, wanted);
      case "Microsoft.Authorization/permissions" -> permissions(scope, caller);
      default -> List.of();
    };
  }

  private List<ObjectNode> found(List<Stored> all, String scope, String filter) {
    Matcher assignedTo = ASSIGNED_TO.matcher(filter);
    Set<String> identities = assignedTo.find() ? roles.identities(assignedTo.group(1)) : null;
    boolean onlyAtScope = filter.toLowerCase(Locale.ROOT).contains("atscope()");
    List<ObjectNode> found = new ArrayList<>();
    for (Stored s : all) {
      String at = s.id().scope();
      boolean there = Roles.covers(at, scope) || (!onlyAtScope && Roles.covers(scope, at));
      if (there && concerns(s.properties(), identities) && equalities(s.properties(), filter)) {
        found.add(views.show(s));
      }
    }
    return found;
  }

  private static boolean concerns(JsonNode p, @Nullable Set<String> identities) {
    return identities == null
        || identities.contains(p.path("principalId").asString("").toLowerCase(Locale.ROOT))
        || Roles.names(p.path("principals"), identities);
  }

  private static boolean equalities(JsonNode p, String filter) {
    Matcher equality = EQUALS.matcher(filter);
    while (equality.find()) {
      if (!p.path(equality.group(1)).asString("").equalsIgnoreCase(equality.group(2))) {
        return false;
      }
    }
    return true;
  }

  private List<ObjectNode> definitions(String scope, String filter) {
    List<ObjectNode> all = new ArrayList<>();
    BuiltInRoles.all().values().stream()
        .filter(r -> equalities(r.path("properties"), filter))
        .forEach(all::add);
    all.addAll(found(index.get().roleDefinitions(), scope, filter));
    return all;
  }

  private List<ObjectNode> permissions(String scope, String caller) {
    if (!authorization.getAsBoolean()) {
      ObjectNode everything = JsonNodeFactory.instance.objectNode();
      everything.putArray("actions").add("*");
      everything.putArray("notActions");
      return List.of(everything);
    }
    List<ObjectNode> all = new ArrayList<>();
    for (JsonNode permission : roles.permissions(roles.identities(caller), scope)) {
      if (permission instanceof ObjectNode object) {
        all.add(object);
      }
    }
    return all;
  }
}
