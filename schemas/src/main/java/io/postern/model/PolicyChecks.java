package io.postern.model;

import static java.util.Comparator.naturalOrder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether a policy that is well formed may be put: beside the operator's bounds and the others. */
public final class PolicyChecks {
  private PolicyChecks() {}

  /**
   * What is wrong with the policy under the operator's bounds.
   *
   * @param shortest shortest grant that the operator lets a policy allow
   * @param longest longest grant, extensions included
   */
  public static List<FieldError> outside(Policy policy, Duration shortest, Duration longest) {
    List<FieldError> errors = new ArrayList<>();
    for (int i = 0; i < policy.ports().size(); i++) {
      within("ports[" + i + "].maxDuration", policy.ports().get(i).maxDuration(), shortest, longest)
          .ifPresent(errors::add);
    }
    policy
        .terms()
        .longestExtended()
        .flatMap(d -> within("extension.maxTotal", d, shortest, longest))
        .ifPresent(errors::add);
    // A reminder that no grant is long enough for would be a silent mistake.
    Duration longestAllowed =
        policy.ports().stream().map(PortRule::maxDuration).max(naturalOrder()).orElse(longest);
    policy
        .terms()
        .reminder()
        .filter(d -> d.compareTo(longestAllowed) >= 0)
        .map(
            d ->
                new FieldError(
                    "reminder",
                    "must be shorter than the longest grant, " + longestAllowed,
                    d.toString()))
        .ifPresent(errors::add);
    policy
        .terms()
        .breakGlass()
        .flatMap(b -> within("breakGlass.maxDuration", b.longest(), shortest, longest))
        .ifPresent(errors::add);
    return errors;
  }

  private static Optional<FieldError> within(
      String field, Duration given, Duration shortest, Duration longest) {
    return given.compareTo(longest) > 0 || given.compareTo(shortest) < 0
        ? Optional.of(
            new FieldError(
                field, "must lie within " + shortest + " and " + longest, given.toString()))
        : Optional.empty();
  }

  /**
   * Where another policy names a machine just as closely and covers the same port, so that neither
   * would decide. Held against the machines that are known, and those that a policy names by id.
   *
   * @param others the policies in force; one of the same name is the one that is replaced
   */
  public static List<FieldError> ties(
      Policy policy, Collection<Policy> others, Collection<MachineFacts> known) {
    if (policy.terms().denies()) {
      return List.of();
    }
    List<MachineFacts> selected =
        candidates(policy, known).stream().filter(policy::selects).toList();
    return others.stream()
        .filter(o -> !o.id().equals(policy.id()) && !o.terms().denies())
        .flatMap(o -> tie(policy, o, selected).stream())
        .toList();
  }

  private static Collection<MachineFacts> candidates(
      Policy policy, Collection<MachineFacts> known) {
    Map<MachineId, MachineFacts> machines = new HashMap<>();
    policy.machines().stream()
        .filter(MachineSelector.ById.class::isInstance)
        .map(s -> ((MachineSelector.ById) s).id())
        .forEach(id -> machines.put(id, MachineFacts.unseen(id)));
    known.forEach(m -> machines.put(m.id(), m));
    return machines.values();
  }

  private static Optional<FieldError> tie(
      Policy policy, Policy other, Collection<MachineFacts> machines) {
    Optional<PortRule> shared =
        policy.ports().stream()
            .filter(r -> other.ports().stream().anyMatch(o -> o.ports().overlaps(r.ports())))
            .findFirst();
    if (shared.isEmpty()) {
      return Optional.empty();
    }
    return machines.stream()
        .filter(m -> Specificity.of(policy, m) == Specificity.of(other, m))
        .map(MachineFacts::id)
        .sorted()
        .findFirst()
        .map(
            m ->
                new FieldError(
                    "machines",
                    "must not name a machine just as closely as policy "
                        + other.id()
                        + " does for the same port",
                    m + " port " + shared.get().ports()));
  }
}
