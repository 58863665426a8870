package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a rule set does as observed.
 *
 * @param satisfied grants of the intent whose traffic passes this rule set
 * @param present grants, of the intent or not, for which the rule set carries anything of ours
 * @param locked machines of the intent whose lock-down stands here, with the rules that go before
 *     it
 * @param touched machines of the intent for which the rule set carries a lock-down of ours, wanted
 *     or not
 */
public record Assessment(
    Set<GrantId> satisfied,
    Set<GrantId> present,
    Map<MachineId, List<Bypass>> locked,
    Set<MachineId> touched) {

  /** A rule by which a port under lock-down is reachable all the same. */
  public record Bypass(String rule, String explanation) {}

  public Assessment {
    satisfied = Set.copyOf(satisfied);
    present = Set.copyOf(present);
    locked = Map.copyOf(locked);
    touched = Set.copyOf(touched);
  }
}
