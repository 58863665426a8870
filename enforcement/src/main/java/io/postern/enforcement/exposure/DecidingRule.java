package io.postern.enforcement.exposure;

import io.postern.model.GrantId;
import java.util.List;

/**
 * A rule that lets traffic through a layer.
 *
 * @param ruleSet the id of the rule set that holds it; empty where nothing filters
 * @param rule its name or id
 * @param grants the grants of ours that it is for
 */
public record DecidingRule(String ruleSet, String rule, List<GrantId> grants) {
  public DecidingRule {
    grants = List.copyOf(grants);
  }

  /** A rule of somebody else's, or of the cloud itself. */
  public static DecidingRule foreign(String ruleSet, String rule) {
    return new DecidingRule(ruleSet, rule, List.of());
  }

  /** The last part of the rule set's id and the rule's name. */
  @Override
  public String toString() {
    int end = Math.max(ruleSet.lastIndexOf('/'), ruleSet.lastIndexOf(':'));
    return ruleSet.isEmpty() ? rule : ruleSet.substring(end + 1) + "/" + rule;
  }
}
