package io.postern.azure.domain;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What Azure says of a caller's rights at one scope, and what the enforcer needs of them. */
public final class Permissions {

  /** The writes of the role in docs; that it may read shows by itself. */
  public static final List<String> NEEDED =
      List.of(
          "Microsoft.Network/networkSecurityGroups/read",
          "Microsoft.Network/networkSecurityGroups/write",
          "Microsoft.Network/networkSecurityGroups/securityRules/read",
          "Microsoft.Network/networkSecurityGroups/securityRules/write",
          "Microsoft.Network/networkSecurityGroups/securityRules/delete");

  /** One entry of the answer: actions less those that are taken out again. */
  public record Entry(List<String> actions, List<String> notActions) {
    public Entry {
      actions = List.copyOf(actions);
      notActions = List.copyOf(notActions);
    }

    boolean allows(String action) {
      return actions.stream().anyMatch(p -> matches(p, action))
          && notActions.stream().noneMatch(p -> matches(p, action));
    }
  }

  private Permissions() {}

  /** Needed actions that none of the entries allows. */
  public static List<String> missing(List<Entry> entries) {
    return NEEDED.stream()
        .filter(action -> entries.stream().noneMatch(e -> e.allows(action)))
        .toList();
  }

  private static boolean matches(String pattern, String action) {
    String regex = Pattern.quote(pattern.toLowerCase(Locale.ROOT)).replace("*", "\\E.*\\Q");
    return Pattern.matches(regex, action.toLowerCase(Locale.ROOT));
  }
}
