package io.postern.enforcement.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The desired state of a machine: a pure function of policies, grants and the clock. */
public final class Intents {
  private Intents() {}

  /**
   * What must hold for a machine now. A grant counts when its time runs and its policy still covers
   * the machine and every port of it.
   *
   * @param grants all grants known of the machine
   */
  public static MachineIntent of(
      MachineFacts machine, Collection<Policy> policies, Collection<Grant> grants, Instant now) {
    List<Policy> covering =
        policies.stream()
            .filter(p -> p.selects(machine))
            .sorted(Comparator.comparing(Policy::id))
            .toList();
    List<Grant> live =
        grants.stream()
            .filter(g -> g.isLive(now) && isCovered(g, covering))
            .sorted(Comparator.comparing(Grant::id))
            .toList();
    return new MachineIntent(machine, lock(covering), live);
  }

  private static Optional<Lock> lock(List<Policy> covering) {
    if (covering.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Lock(
            covering.stream().map(Policy::id).toList(),
            covering.stream()
                .flatMap(p -> p.ports().stream().map(r -> r.ports()))
                .distinct()
                .sorted()
                .toList(),
            covering.stream().anyMatch(p -> p.existingRules() == Policy.ExistingRules.OVERRIDE),
            covering.stream().anyMatch(p -> p.sharedGroups() == Policy.SharedGroups.LOCK),
            covering.stream()
                .anyMatch(p -> p.terms().fullInterfaces() == PolicyTerms.FullInterfaces.STANDING)));
  }

  private static boolean isCovered(Grant grant, List<Policy> covering) {
    PolicyId decidedBy = grant.policy();
    return covering.stream()
        .filter(p -> p.id().equals(decidedBy))
        .anyMatch(p -> grant.ports().stream().allMatch(port -> p.ruleFor(port).isPresent()));
  }

  /** When the desired state changes next by itself: the earliest start or end after now. */
  public static Optional<Instant> nextChange(Collection<Grant> grants, Instant now) {
    return grants.stream()
        .filter(g -> !g.isOver(now))
        .flatMap(g -> Stream.of(g.startsAt(), g.expiresAt()))
        .filter(t -> t.isAfter(now))
        .min(Comparator.naturalOrder());
  }
}
