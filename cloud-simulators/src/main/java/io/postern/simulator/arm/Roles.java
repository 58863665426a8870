package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Who may do what: assignments over nested groups, definitions with wildcards, denials. */
final class Roles {
  /** In a deny assignment: everybody. */
  private static final String EVERYBODY = "00000000-0000-0000-0000-000000000000";

  private final Index.Cache index;
  private final Directory directory;

  Roles(Index.Cache index, Directory directory) {
    this.index = index;
    this.directory = directory;
  }

  /** Refuses with 403 what the principal may not do. */
  void require(String principal, String action, ResourceId id) {
    String scope = id.isCollection() ? id.scope() : id.path();
    if (!allows(principal, action, scope)) {
      throw new ArmException(
          403,
          "AuthorizationFailed",
          "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials."
              .formatted(principal, principal, action, scope));
    }
  }

  /** The permissions of one call, for example {@code Microsoft.Compute/virtualMachines/read}. */
  static String actionOf(String method, ResourceId id) {
    String verb =
        switch (method) {
          case "GET", "HEAD" -> "read";
          case "DELETE" -> "delete";
          case "POST" -> "action";
          default -> "write";
        };
    String type =
        id.type().equals(ResourceTypes.RESOURCE_GROUP)
            ? "Microsoft.Resources/subscriptions/resourceGroups"
            : id.type();
    return type + "/" + verb;
  }

  boolean allows(String principal, String action, String scope) {
    Set<String> identities = directory.withGroups(principal);
    boolean granted = false;
    for (JsonNode permission : permissions(identities, scope)) {
      granted |=
          matchesAny(permission.path("actions"), action)
              && !matchesAny(permission.path("notActions"), action);
    }
    return granted && !isDenied(identities, action, scope);
  }

  /** What the caller's roles say at a scope; an assignment with a condition says nothing. */
  List<JsonNode> permissions(Set<String> identities, String scope) {
    List<JsonNode> permissions = new ArrayList<>();
    for (Stored assignment : index.get().roleAssignments()) {
      JsonNode p = assignment.properties();
      if (covers(assignment.id().scope(), scope)
          && identities.contains(p.path("principalId").asString("").toLowerCase(Locale.ROOT))
          && Json.text(p, "condition") == null) {
        JsonNode definition = definition(p.path("roleDefinitionId").asString(""));
        if (definition != null) {
          definition.path("properties").path("permissions").forEach(permissions::add);
        }
      }
    }
    return permissions;
  }

  /** A definition by the last segment of its id: the rest differs from scope to scope. */
  @Nullable JsonNode definition(String id) {
    String name = id.substring(id.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    JsonNode builtIn = BuiltInRoles.all().get(name);
    if (builtIn != null) {
      return builtIn;
    }
    for (Stored s : index.get().roleDefinitions()) {
      if (s.id().name().equalsIgnoreCase(name)) {
        return s.doc();
      }
    }
    return null;
  }

  private boolean isDenied(Set<String> identities, String action, String scope) {
    for (Stored denial : index.get().denyAssignments()) {
      JsonNode p = denial.properties();
      boolean there =
          p.path("doNotApplyToChildScopes").asBoolean(false)
              ? denial.id().scope().equalsIgnoreCase(scope)
              : covers(denial.id().scope(), scope);
      if (!there
          || !names(p.path("principals"), identities)
          || names(p.path("excludePrincipals"), identities)) {
        continue;
      }
      for (JsonNode permission : p.path("permissions")) {
        if (matchesAny(permission.path("actions"), action)
            && !matchesAny(permission.path("notActions"), action)) {
          return true;
        }
      }
    }
    return false;
  }

  static boolean names(JsonNode principals, Set<String> identities) {
    for (JsonNode principal : principals) {
      String id = principal.path("id").asString("").toLowerCase(Locale.ROOT);
      if (id.equals(EVERYBODY) || identities.contains(id)) {
        return true;
      }
    }
    return false;
  }

  /** Whether something assigned at one scope holds at another: there or above it. */
  static boolean covers(String assignedAt, String scope) {
    String above = assignedAt.toLowerCase(Locale.ROOT);
    String at = scope.toLowerCase(Locale.ROOT);
    // One tenant: a management group stands above every subscription.
    boolean root =
        above.isEmpty()
            || above.equals("/")
            || above.startsWith("/providers/microsoft.management/");
    return root || at.equals(above) || at.startsWith(above + "/");
  }

  private static boolean matchesAny(JsonNode patterns, String action) {
    for (JsonNode pattern : patterns) {
      String regex = Pattern.quote(pattern.asString("")).replace("*", "\\E.*\\Q");
      if (Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(action).matches()) {
        return true;
      }
    }
    return false;
  }

  /** Refuses an assignment of a role that is not there, and a second one of the same. */
  void checkAssignment(ResourceId id, JsonNode body) {
    JsonNode p = body.path("properties");
    String role = p.path("roleDefinitionId").asString("");
    if (definition(role) == null) {
      throw ArmException.badRequest(
          "RoleDefinitionDoesNotExist",
          "The specified role definition with ID '%s' does not exist.".formatted(role));
    }
    for (Stored other : index.get().roleAssignments()) {
      JsonNode o = other.properties();
      boolean same =
          other.id().scope().equalsIgnoreCase(id.scope())
              && o.path("principalId").equals(p.path("principalId"))
              && lastSegment(o.path("roleDefinitionId").asString("")).equals(lastSegment(role));
      if (same && !other.id().key().equals(id.key())) {
        throw new ArmException(409, "RoleAssignmentExists", "The role assignment already exists.");
      }
    }
  }

  private static String lastSegment(String id) {
    return id.substring(id.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
  }

  Set<String> identities(String principal) {
    return directory.withGroups(principal);
  }
}
