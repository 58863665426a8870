package io.postern.policy.domain;

import io.postern.model.ApprovalLevel;
import io.postern.model.PolicyId;
import java.time.Instant;
import java.util.List;

/**
 * A request that waits for approvals.
 *
 * @param heldAt when the checks held and approval was first asked for
 * @param timesOutAt from when on it is too late
 * @param approvals those that counted, in order
 * @param level the level whose turn it is, from 0
 * @param levels all levels of the policy that asks
 */
public record Pending(
    AccessRequest request,
    PolicyId policy,
    long policyVersion,
    Instant heldAt,
    Instant timesOutAt,
    List<Approval> approvals,
    int level,
    List<ApprovalLevel> levels) {
  public Pending {
    approvals = List.copyOf(approvals);
    levels = List.copyOf(levels);
  }

  /** The first asking, or the next one after an approval counted. */
  static Pending of(
      AccessRequest request, Decision.Waiting waiting, Instant heldAt, Instant timesOutAt) {
    return new Pending(
        request,
        waiting.policy(),
        waiting.policyVersion(),
        heldAt,
        timesOutAt,
        waiting.progress().counted(),
        waiting.progress().level(),
        waiting.progress().levels());
  }
}
