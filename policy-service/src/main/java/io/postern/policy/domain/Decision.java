package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The one final decision on a request for one machine. */
public sealed interface Decision {
  List<Check> checks();

  /**
   * Yes.
   *
   * @param superseded running grants that this one replaces
   */
  record Granted(
      PolicyId policy,
      long policyVersion,
      Instant startsAt,
      Instant expiresAt,
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
}
