package io.postern.enforcement.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to write to one rule set, in order; empty steps mean that it is as it should be.
 *
 * @param before restore point that must be on the log before the first step; empty for none
 * @param after restore point once all steps are done and read back; empty when nothing of ours is
 *     left
 * @param refusedGrants grants that cannot be opened here, and why
 * @param refusedLocks machines that cannot be locked down here, and why
 */
public record Plan<S>(
    Optional<RestorePoint> before,
    List<S> steps,
    Optional<RestorePoint> after,
    Map<GrantId, Refusal> refusedGrants,
    Map<MachineId, Refusal> refusedLocks) {

  /**
   * Why something will not be done; final for as long as the rule set and the intent stay as they
   * are.
   */
  public record Refusal(ErrorCode code, String message) {}

  public Plan {
    steps = List.copyOf(steps);
    refusedGrants = Map.copyOf(refusedGrants);
    refusedLocks = Map.copyOf(refusedLocks);
  }
}
