package io.postern.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How closely a policy names a machine: by id before all, otherwise by the number of conditions.
 */
public final class Specificity {
  private static final int BY_ID = Integer.MAX_VALUE;

  private Specificity() {}

  /** Higher is closer; negative when the policy does not select the machine. */
  public static int of(Policy policy, MachineFacts machine) {
    return policy.selection().names(machine)
        ? BY_ID
        : policy.selection().described().stream()
            .filter(s -> s.matches(machine))
            .mapToInt(Specificity::of)
            .max()
            .orElse(-1);
  }

  /**
   * Those of the policies that name the machine most closely, in the order of their ids: they
   * decide. Several that are equally close must all agree.
   */
  public static List<Policy> closest(Collection<Policy> policies, MachineFacts machine) {
    if (policies.size() == 1) {
      return List.copyOf(policies);
    }
    int best = policies.stream().mapToInt(p -> of(p, machine)).max().orElse(-1);
    return policies.stream()
        .filter(p -> of(p, machine) == best)
        .sorted(Comparator.comparing(Policy::id))
        .toList();
  }

  private static int of(MachineSelector selector) {
    // Release 17 has no switch over sealed types.
    if (selector instanceof MachineSelector.Azure a) {
      return a.tags().size()
          + (a.subscription().isPresent() ? 1 : 0)
          + (a.resourceGroup().isPresent() ? 1 : 0)
          + (a.name().isPresent() ? 1 : 0);
    }
    if (selector instanceof MachineSelector.Aws a) {
      return a.tags().size()
          + (a.account().isPresent() ? 1 : 0)
          + (a.region().isPresent() ? 1 : 0)
          + (a.name().isPresent() ? 1 : 0);
    }
    return BY_ID;
  }
}
