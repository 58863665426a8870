package io.postern.policy.domain;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether Azure's roles let somebody do something: the actions of all roles that are assigned at
 * the scope or above, less their notActions, less what is denied. An assignment with a condition
 * grants nothing, because the condition is not evaluated here; a denial with one denies.
 */
public final class AzureAccess {
  private AzureAccess() {}

  /** What a role definition or a denial names; {@code *} stands for any text. */
  public record Permission(List<String> actions, List<String> notActions) {
    public Permission {
      actions = List.copyOf(actions);
      notActions = List.copyOf(notActions);
    }

    boolean covers(String action) {
      return actions.stream().anyMatch(p -> matches(p, action))
          && notActions.stream().noneMatch(p -> matches(p, action));
    }
  }

  /**
   * A role that a principal or one of its groups has.
   *
   * @param scope where it was assigned
   * @param conditional whether it holds under a condition only
   */
  public record Assignment(String scope, boolean conditional, List<Permission> role) {
    public Assignment {
      role = List.copyOf(role);
    }
  }

  /**
   * A denial that names a principal or one of its groups.
   *
   * @param onlyThere whether it leaves out the scopes below
   * @param excluded principals that it leaves out
   */
  public record Denial(
      String scope, boolean onlyThere, List<String> excluded, List<Permission> permissions) {
    public Denial {
      excluded = List.copyOf(excluded);
      permissions = List.copyOf(permissions);
    }
  }

  /**
   * The first action that the principal may not do at the scope; empty when it may do all.
   *
   * @param assignments those that concern the principal, directly or by a group
   * @param denials likewise
   */
  public static Optional<String> firstRefused(
      String principal,
      String scope,
      List<String> actions,
      List<Assignment> assignments,
      List<Denial> denials) {
    return actions.stream()
        .filter(
            a ->
                assignments.stream().noneMatch(r -> grants(r, scope, a))
                    || denials.stream().anyMatch(d -> denies(d, principal, scope, a)))
        .findFirst();
  }

  private static boolean grants(Assignment assignment, String scope, String action) {
    return !assignment.conditional()
        && isAtOrAbove(assignment.scope(), scope)
        && assignment.role().stream().anyMatch(p -> p.covers(action));
  }

  // Who is left out by way of a group cannot be told here, and is denied.
  private static boolean denies(Denial denial, String principal, String scope, String action) {
    boolean there =
        denial.onlyThere() ? isSame(denial.scope(), scope) : isAtOrAbove(denial.scope(), scope);
    return there
        && denial.excluded().stream().noneMatch(principal::equalsIgnoreCase)
        && denial.permissions().stream().anyMatch(p -> p.covers(action));
  }

  private static boolean isSame(String one, String other) {
    return trimmed(one).equals(trimmed(other));
  }

  private static boolean isAtOrAbove(String above, String scope) {
    String at = trimmed(above);
    return at.isEmpty()
        || at.startsWith("/providers/microsoft.management/managementgroups/")
        || trimmed(scope).equals(at)
        || trimmed(scope).startsWith(at + "/");
  }

  private static String trimmed(String scope) {
    String lower = scope.toLowerCase(Locale.ROOT);
    return lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** Whether a pattern with {@code *} for any text matches the whole action, whatever its case. */
  static boolean matches(String pattern, String action) {
    String p = pattern.toLowerCase(Locale.ROOT);
    String a = action.toLowerCase(Locale.ROOT);
    int i = 0;
    int j = 0;
    int star = -1;
    int resume = 0;
    while (j < a.length()) {
      if (i < p.length() && p.charAt(i) == '*') {
        star = i++;
        resume = j;
      } else if (i < p.length() && p.charAt(i) == a.charAt(j)) {
        i++;
        j++;
      } else if (star >= 0) {
        i = star + 1;
        j = ++resume;
      } else {
        return false;
      }
    }
    while (i < p.length() && p.charAt(i) == '*') {
      i++;
    }
    return i == p.length();
  }
}
