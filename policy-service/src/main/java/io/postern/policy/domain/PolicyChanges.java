package io.postern.policy.domain;

import io.postern.model.FieldError;
import io.postern.model.MachineFacts;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import io.postern.model.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
