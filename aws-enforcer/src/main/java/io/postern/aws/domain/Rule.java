package io.postern.aws.domain;

import java.util.Map;
import java.util.Optional;

/**
 * An ingress rule.
 *
 * @param id EC2's id, which does not outlive the rule; empty for a rule that is not there
 */
public record Rule(
    String id, Permission permission, Optional<String> description, Map<String, String> tags) {
  public Rule {
    tags = Map.copyOf(tags);
  }

  /** Whether it stands in for the rest of a rule that a lock-down took away. */
  boolean isRemainder() {
    return OwnTags.REMAINDER.equals(tags.get(OwnTags.MANAGED));
  }
}
