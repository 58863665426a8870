package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the checks say of a request for one machine: yes, no, or yes if somebody approves. */
public sealed interface Decision {
  /** Every check, in order. */
  List<Check> checks();

  /**
   * Yes.
   *
   * @param reminder how long before its end the requestor is reminded; empty for never
   * @param superseded running grants that this one replaces
   */
  record Granted(
      PolicyId policy,
      long policyVersion,
      Instant startsAt,
      Instant expiresAt,
      Optional<Duration> reminder,
      List<Check> checks,
      List<GrantId> superseded)
      implements Decision {}

  /**
   * No.
   *
   * @param policy the policy that it was held against, if one covers the machine
   */
  record Denied(Optional<PolicyId> policy, long policyVersion, List<Check> checks)
      implements Decision {}

  /**
   * Everything holds but the approvals.
   *
   * @param timeout how long to wait for them
   */
  record Waiting(
      PolicyId policy,
      long policyVersion,
      Duration timeout,
      ApprovalProgress progress,
      List<Check> checks)
      implements Decision {}
}
