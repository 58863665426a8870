package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PortSpec;
import java.util.List;

/** What a change of a policy does to what it allowed before. */
public final class PolicyChanges {
  private PolicyChanges() {}

  /** Whether a grant that the policy allowed is still covered by it. */
  public static boolean stillCovers(Policy policy, MachineFacts machine, List<PortSpec> ports) {
    return policy.selects(machine) && ports.stream().allMatch(p -> policy.ruleFor(p).isPresent());
  }
}
