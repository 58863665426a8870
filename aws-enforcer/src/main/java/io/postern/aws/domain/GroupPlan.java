package io.postern.aws.domain;

import io.postern.enforcement.domain.Plan;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Map;

/**
 * What to write to an owner's group.
 *
 * @param before what we owe the group once the first step is done
 * @param after what we owe it once all steps are done and read back
 */
public record GroupPlan(
    List<Displaced> before,
    List<Step> steps,
    List<Displaced> after,
    Map<MachineId, Plan.Refusal> refusedLocks) {
  public GroupPlan {
    before = List.copyOf(before);
    steps = List.copyOf(steps);
    after = List.copyOf(after);
    refusedLocks = Map.copyOf(refusedLocks);
  }
}
