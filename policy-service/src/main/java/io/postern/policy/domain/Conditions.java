package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import java.time.Instant;
import java.util.Optional;

/** Evaluates what a policy demands in a language of its own. */
@FunctionalInterface
public interface Conditions {
  /** For where nothing evaluates them: whatever has one is denied. */
  Conditions NONE = (policy, request, machine, now) -> Optional.of("nothing evaluates conditions");

  /**
   * Why the policy's condition does not hold, or cannot be evaluated; empty when it holds. Called
   * for policies that have one.
   */
  Optional<String> objection(
      Policy policy, AccessRequest request, MachineFacts machine, Instant now);
}
