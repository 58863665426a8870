package io.postern.aws.domain;

import io.postern.enforcement.domain.Marks;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.List;

/** What is over in an access group, by its rules' own marks: needs no log. */
public final class Sweep {
  private Sweep() {}

  /**
   * Ids of the rules whose authentic mark says that their time is up. A rule without a mark of this
   * installation, or with one that was copied or changed, is somebody else's.
   */
  public static List<String> over(RuleSetId ruleSet, List<Rule> rules, Marks marks, Instant now) {
    return rules.stream().filter(r -> isOver(ruleSet, r, marks, now)).map(Rule::id).toList();
  }

  private static boolean isOver(RuleSetId ruleSet, Rule rule, Marks marks, Instant now) {
    return rule.description()
        .flatMap(d -> marks.read(ruleSet, rule.permission().toString(), d))
        .filter(m -> m.authentic() && m.installation().equals(marks.installation()))
        .filter(m -> !now.isBefore(m.until()))
        .isPresent();
  }
}
