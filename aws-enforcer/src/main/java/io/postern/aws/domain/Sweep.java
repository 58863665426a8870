package io.postern.aws.domain;

import io.postern.enforcement.domain.Marks;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/** What is over in an access group, by its rules' own marks: needs no log. */
public final class Sweep {
  /** The enforcer tidies up within seconds of the last end when it is alive. */
  private static final Duration GRACE = Duration.ofMinutes(1);

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

  /**
   * Whether an access group is ours and empty, and its last end so long ago that no enforcer can be
   * at work on it. A group without a legible end is left alone.
   */
  public static boolean isLeft(Observed.AccessGroup group, Instant now) {
    return group.ours()
        && group.ingress().isEmpty()
        && group
            .until()
            .flatMap(Sweep::instant)
            .filter(u -> u.plus(GRACE).isBefore(now))
            .isPresent();
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
