package io.postern.policy.domain;

import io.postern.model.FieldError;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whether a policy may be put, beyond being well formed. */
public final class PolicyChanges {
  private PolicyChanges() {}

  /** What is wrong with the policy under the operator's bounds. */
  public static List<FieldError> violations(Policy policy, OperatorBounds bounds) {
    List<FieldError> errors = new ArrayList<>();
    for (int i = 0; i < policy.ports().size(); i++) {
      PortRule rule = policy.ports().get(i);
      Duration longest = rule.maxDuration();
      if (longest.compareTo(bounds.longest()) > 0 || longest.compareTo(bounds.shortest()) < 0) {
        errors.add(
            new FieldError(
                "ports[" + i + "].maxDuration",
                "must lie within " + bounds.shortest() + " and " + bounds.longest(),
                longest.toString()));
      }
    }
    return errors;
  }

  /** Whether a grant that the policy allowed is still covered by it. */
  public static boolean stillCovers(
      Policy policy, MachineFacts machine, List<io.postern.model.PortSpec> ports) {
    return policy.selects(machine) && ports.stream().allMatch(p -> policy.ruleFor(p).isPresent());
  }
}
