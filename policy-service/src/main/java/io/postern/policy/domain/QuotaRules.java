package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.Policy;
import io.postern.model.Quota;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Whether a policy's quotas leave room for one more. */
final class QuotaRules {

  private QuotaRules() {}

  /**
   * The check.
   *
   * @param superseded grants that end when the request is granted
   */
  static Check check(
      AccessRequest request,
      Policy policy,
      Usage usage,
      Collection<GrantId> superseded,
      Instant now) {
    if (policy.terms().quotas().isEmpty()) {
      return Check.skipped("quota", "none");
    }
    if (!usage.isKnown()) {
      return failed("the use of policy " + policy.id() + " is not known yet; ask again");
    }
    Owner owner = Owner.of(request.requestor());
    String who = request.requestor().subject();
    // What is promised to a request that waits for other machines counts as open, and is its own.
    Set<GrantId> except = new HashSet<>(superseded);
    except.add(request.grantId());
    Room room = new Room(request, policy, usage, except, now);
    return room.objection(policy.terms().quotas().perRequestor(), Optional.of(owner), who)
        .or(() -> room.objection(policy.terms().quotas().total(), Optional.empty(), "everybody"))
        .map(QuotaRules::failed)
        .orElseGet(() -> Check.passed("quota", "there is room in policy " + policy.id()));
  }

  private static Check failed(String why) {
    return Check.failed("quota", ErrorCode.QUOTA_EXCEEDED, why);
  }

  private record Room(
      AccessRequest request, Policy policy, Usage usage, Collection<GrantId> except, Instant now) {

    Optional<String> objection(Quota quota, Optional<Owner> of, String who) {
      if (quota.openGrants().isPresent()) {
        long open = usage.openGrants(policy.id(), of, except);
        if (open >= quota.openGrants().getAsInt()) {
          return Optional.of(
              "%s has %d open grants under policy %s, which allows %d"
                  .formatted(who, open, policy.id(), quota.openGrants().getAsInt()));
        }
      }
      if (quota.requestsPerHour().isPresent()) {
        long asked =
            usage.requestsAfter(policy.id(), of, now.minus(UsageIndex.HOUR), request.grantId());
        if (asked >= quota.requestsPerHour().getAsInt()) {
          return Optional.of(
              "%s has asked %d times within an hour under policy %s, which allows %d"
                  .formatted(who, asked, policy.id(), quota.requestsPerHour().getAsInt()));
        }
      }
      return Optional.empty();
    }
  }
}
