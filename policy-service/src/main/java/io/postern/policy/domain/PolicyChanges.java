package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PortSpec;
import io.postern.model.Scope;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a change of a policy does to what it allowed before. */
public final class PolicyChanges {
  private PolicyChanges() {}

  /** Whether a grant that the policy allowed is still covered by it. */
  public static boolean stillCovers(Policy policy, MachineFacts machine, List<PortSpec> ports) {
    return policy.selects(machine) && ports.stream().allMatch(p -> policy.ruleFor(p).isPresent());
  }

  /**
   * The scopes whose enforcers can tell what a change would do: those that the policy names, and
   * those of known machines that it selects or selected.
   */
  public static Set<Scope> scopesConcerned(
      Policy next, Optional<Policy> current, Collection<MachineFacts> machines) {
    Set<Scope> scopes = new TreeSet<>();
    for (MachineSelector selector : next.machines()) {
      switch (selector) {
        case MachineSelector.ById one -> scopes.add(one.id().scope());
        case MachineSelector.Azure a -> a.subscription().map(Scope::azure).ifPresent(scopes::add);
        case MachineSelector.Aws a ->
            a.account()
                .flatMap(acc -> a.region().map(region -> Scope.aws(acc, region)))
                .ifPresent(scopes::add);
      }
    }
    machines.stream()
        .filter(m -> next.selects(m) || current.filter(c -> c.selects(m)).isPresent())
        .forEach(m -> scopes.add(m.id().scope()));
    return scopes;
  }
}
