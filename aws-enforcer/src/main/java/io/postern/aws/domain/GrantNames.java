package io.postern.aws.domain;

import io.postern.enforcement.domain.Marks;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.RuleSetId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The grants that a rule names, in its tags or its mark. */
public final class GrantNames {
  private GrantNames() {}

  /** Written by us for grants, whatever somebody may have done to it since. */
  public static boolean isOurs(RuleSetId ruleSet, Rule rule, Marks marks) {
    return OwnTags.GRANT.equals(rule.tags().get(OwnTags.MANAGED))
        || !of(ruleSet, rule, marks).isEmpty();
  }

  /**
   * @param ruleSet of the machine whose access group has the rule
   */
  public static Set<GrantId> of(RuleSetId ruleSet, Rule rule, Marks marks) {
    Set<GrantId> named = new HashSet<>();
    for (String key : rule.tags().keySet()) {
      if (key.startsWith(OwnTags.GRANT_PREFIX)) {
        grantId(key.substring(OwnTags.GRANT_PREFIX.length())).ifPresent(named::add);
      }
    }
    rule.description()
        .flatMap(d -> marks.read(ruleSet, rule.permission().toString(), d))
        .ifPresent(m -> named.add(m.grant()));
    return named;
  }

  private static Optional<GrantId> grantId(String text) {
    try {
      return Optional.of(GrantId.parse(text));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }
}
