package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;

/**
 * How closely a policy names a machine: by id before all, otherwise by the number of conditions.
 */
final class Specificity {
  private static final int BY_ID = Integer.MAX_VALUE;

  private Specificity() {}

  static int of(Policy policy, MachineFacts machine) {
    return policy.machines().stream()
        .filter(s -> s.matches(machine))
        .mapToInt(Specificity::of)
        .max()
        .orElse(-1);
  }

  private static int of(MachineSelector selector) {
    return switch (selector) {
      case MachineSelector.ById id -> BY_ID;
      case MachineSelector.Azure a ->
          a.tags().size()
              + (a.subscription().isPresent() ? 1 : 0)
              + (a.resourceGroup().isPresent() ? 1 : 0)
              + (a.name().isPresent() ? 1 : 0);
      case MachineSelector.Aws a ->
          a.tags().size()
              + (a.account().isPresent() ? 1 : 0)
              + (a.region().isPresent() ? 1 : 0)
              + (a.name().isPresent() ? 1 : 0);
    };
  }
}
