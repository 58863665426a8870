package io.postern.enforcement;

import io.postern.model.RuleSetId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What rule sets looked like when nothing was left to do; of the ones looked at last only, because
 * a large group's document takes half a megabyte. For use by many threads.
 */
final class LastSeen<O> {
  static final int MOST = 200;

  private final Map<RuleSetId, O> seen =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RuleSetId, O> eldest) {
          return size() > MOST;
        }
      };

  synchronized void put(RuleSetId ruleSet, O observed) {
    seen.remove(ruleSet);
    seen.put(ruleSet, observed);
  }

  /** Hands it out once: it is out of date as soon as something is written. */
  synchronized Optional<O> take(RuleSetId ruleSet) {
    return Optional.ofNullable(seen.remove(ruleSet));
  }
}
