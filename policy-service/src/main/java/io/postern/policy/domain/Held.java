package io.postern.policy.domain;

import io.postern.model.PolicyId;
import java.time.Instant;
import java.util.List;

/**
 * A request for one machine that would be granted, and waits for the other machines of an
 * all-or-nothing request.
 *
 * @param heldAt when it was first held against the policies
 * @param approvals those that counted, in order
 */
public record Held(
    AccessRequest request,
    PolicyId policy,
    long policyVersion,
    Instant heldAt,
    List<Approval> approvals) {
  public Held {
    approvals = List.copyOf(approvals);
  }
}
