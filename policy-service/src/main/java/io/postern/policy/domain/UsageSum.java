package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Use that is counted in several places, none of it twice. */
public record UsageSum(List<Usage> parts) implements Usage {
  public UsageSum {
    parts = List.copyOf(parts);
  }

  @Override
  public boolean isKnown() {
    return parts.stream().allMatch(Usage::isKnown);
  }

  @Override
  public long openGrants(PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
    return parts.stream().mapToLong(p -> p.openGrants(policy, of, except)).sum();
  }

  @Override
  public long requestsAfter(PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
    return parts.stream().mapToLong(p -> p.requestsAfter(policy, of, since, except)).sum();
  }
}
