package io.postern.enforcement;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the log says of one scope, at the moment of the call. Safe for use by many threads. */
public interface ScopeInputs {
  Collection<Policy> policies();

  /** All grants of the scope that are not tombstoned. */
  List<Grant> grants();

  List<Grant> grantsOf(MachineId machine);

  /** Whether a trace context is known of any grant. */
  default boolean knowsCauses() {
    return false;
  }

  /** W3C trace context of what the grant's lease followed from, if it is known. */
  default Optional<String> causeOf(GrantId grant) {
    return Optional.empty();
  }

  Optional<RestorePoint> restorePoint(RuleSetId ruleSet);

  /** Rule sets that carry something of ours, as recorded. */
  Set<RuleSetId> recordedRuleSets();
}
