package io.postern.enforcement.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A policy that somebody wants to see the effect of before it is put.
 *
 * @param changeId the command that asked
 */
public record Rehearsal(String changeId, Policy policy) {

  /** The policies as they would be. */
  public List<Policy> policies(Collection<Policy> inForce) {
    List<Policy> all = new ArrayList<>(inForce);
    all.removeIf(p -> p.id().equals(policy.id()));
    all.add(policy);
    return all;
  }

  /** Whether the machine is under the policy, or would be. */
  public boolean concerns(MachineFacts machine, Collection<Policy> inForce) {
    return policy.selects(machine)
        || inForce.stream().anyMatch(p -> p.id().equals(policy.id()) && p.selects(machine));
  }
}
