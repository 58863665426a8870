package io.postern.enforcement.exposure;

import io.postern.model.GrantId;
import java.util.List;

/**
 * Sources that reach a port by the same rules.
 *
 * @param names sources that the rules name and whose addresses are not known, such as service tags
 * @param rules in the order in which traffic meets them
 */
public record Exposed(AddressSet sources, List<String> names, List<DecidingRule> rules) {
  public Exposed {
    names = List.copyOf(names);
    rules = List.copyOf(rules);
  }

  /** The grants that let them in; empty when they come in without one. */
  public List<GrantId> grants() {
    return rules.stream().flatMap(r -> r.grants().stream()).distinct().toList();
  }
}
