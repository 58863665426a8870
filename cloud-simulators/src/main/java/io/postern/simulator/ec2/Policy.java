package io.postern.simulator.ec2;

import java.util.List;
import java.util.Map;

/** What IAM holds for a principal (a user, group or role ARN). */
record Policy(String principal, List<Statement> statements) {

  /**
   * @param conditions context key to the patterns of which one must match (StringLike)
   */
  record Statement(
      String effect,
      List<String> actions,
      List<String> resources,
      Map<String, List<String>> conditions) {

    Statement {
      actions = actions == null ? List.of() : actions;
      resources = resources == null ? List.of("*") : resources;
      conditions = conditions == null ? Map.of() : conditions;
    }

    boolean appliesTo(String action, String resource) {
      return actions.stream()
              .anyMatch(
                  pattern ->
                      Wildcard.matches(
                          pattern.toLowerCase(java.util.Locale.ROOT),
                          action.toLowerCase(java.util.Locale.ROOT)))
          && resources.stream().anyMatch(pattern -> Wildcard.matches(pattern, resource));
    }
  }
}
