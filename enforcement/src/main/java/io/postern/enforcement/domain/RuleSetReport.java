package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.Map;
import java.util.Optional;

/**
 * What became of one rule set in one pass.
 *
 * @param assessment what it does now; empty when it could not be read
 * @param trouble why it is not yet as it should be; empty when it is
 * @param refusedGrants grants that cannot be opened here
 * @param refusedLocks machines that cannot be locked down here
 * @param drift what somebody else had done to it, if so
 */
public record RuleSetReport(
    RuleSetIntent intent,
    Optional<Assessment> assessment,
    Optional<Outcome> trouble,
    Map<GrantId, Plan.Refusal> refusedGrants,
    Map<MachineId, Plan.Refusal> refusedLocks,
    Optional<Report.Drifted> drift) {

  /** Nothing is known of it but this trouble. */
  public static RuleSetReport unread(RuleSetIntent intent, Outcome trouble) {
    return new RuleSetReport(
        intent, Optional.empty(), Optional.of(trouble), Map.of(), Map.of(), Optional.empty());
  }
}
