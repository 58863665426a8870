package io.postern.policy.domain;

import io.postern.model.ApprovalRule;
import io.postern.model.PolicyTerms;
import java.util.Optional;

/** Terms for tests. */
final class Terms {
  private Terms() {}

  static PolicyTerms approval(ApprovalRule rule) {
    return new PolicyTerms(Optional.of(rule));
  }
}
