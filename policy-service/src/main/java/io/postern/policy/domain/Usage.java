package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/** How much policies are used, counted over all machines. */
public interface Usage {

  /** Whether the counts can be told. */
  boolean isKnown();

  /**
   * Grants of the policy that have not ended.
   *
   * @param of whose; empty for everybody's
   * @param except those that do not count
   */
  long openGrants(PolicyId policy, Optional<Owner> of, Collection<GrantId> except);

  /**
   * Requests that were granted under the policy, or put before its approvers, after an instant.
   *
   * @param of whose; empty for everybody's
   * @param except one that does not count
   */
  long requestsAfter(PolicyId policy, Optional<Owner> of, Instant since, GrantId except);
}
