package io.postern.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which ports of which machines are under just-in-time access, from where, for how long at most,
 * and who may ask.
 *
 * @param version counts up from 1 with each change; 0 for a document that is not in force
 * @param maxSourceWidthV4 shortest IPv4 prefix length of a source where the policy names no
 *     networks
 * @param maxSourceWidthV6 shortest IPv6 prefix length, likewise
 * @param terms what it asks for beyond that
 */
public record Policy(
    PolicyId id,
    long version,
    List<MachineSelector> machines,
    List<PortRule> ports,
    Set<String> requestorGroups,
    Set<Subject> requestorSubjects,
    boolean justificationRequired,
    Optional<Pattern> justificationPattern,
    ExistingRules existingRules,
    SharedGroups sharedGroups,
    int maxSourceWidthV4,
    int maxSourceWidthV6,
    PolicyTerms terms) {

  /** Whether rules that were there before win over the lock-down. Azure only. */
  public enum ExistingRules {
    PRIORITY,
    OVERRIDE
  }

  /** Whether a group that machines outside the policy share may be locked. AWS only. */
  public enum SharedGroups {
    REFUSE,
    LOCK
  }

  public Policy {
    machines = MachineSelection.of(machines);
    ports = List.copyOf(ports);
    requestorGroups = Set.copyOf(requestorGroups);
    requestorSubjects = Set.copyOf(requestorSubjects);
  }

  /** A policy without further terms. */
  public Policy(
      PolicyId id,
      long version,
      List<MachineSelector> machines,
      List<PortRule> ports,
      Set<String> requestorGroups,
      Set<Subject> requestorSubjects,
      boolean justificationRequired,
      Optional<Pattern> justificationPattern,
      ExistingRules existingRules,
      SharedGroups sharedGroups,
      int maxSourceWidthV4,
      int maxSourceWidthV6) {
    this(
        id,
        version,
        machines,
        ports,
        requestorGroups,
        requestorSubjects,
        justificationRequired,
        justificationPattern,
        existingRules,
        sharedGroups,
        maxSourceWidthV4,
        maxSourceWidthV6,
        PolicyTerms.NONE);
  }

  /** The same policy under other terms. */
  public Policy withTerms(PolicyTerms other) {
    return new Policy(
        id,
        version,
        machines,
        ports,
        requestorGroups,
        requestorSubjects,
        justificationRequired,
        justificationPattern,
        existingRules,
        sharedGroups,
        maxSourceWidthV4,
        maxSourceWidthV6,
        other);
  }

  /** The same policy, where subjects whose issuer it does not say are of this one. */
  public Policy withPlainSubjectsOf(String issuer) {
    return withSubjects(
        all -> all.stream().map(s -> s.orOf(issuer)).collect(Collectors.toUnmodifiableSet()));
  }

  private Policy withSubjects(UnaryOperator<Set<Subject>> change) {
    return new Policy(
        id,
        version,
        machines,
        ports,
        requestorGroups,
        change.apply(requestorSubjects),
        justificationRequired,
        justificationPattern,
        existingRules,
        sharedGroups,
        maxSourceWidthV4,
        maxSourceWidthV6,
        terms.withSubjects(change));
  }

  /**
   * Whether it names somebody, to ask, approve or break the glass, and does not say of which
   * issuer.
   */
  public boolean namesPlainSubjects() {
    return Stream.of(
            requestorSubjects.stream(),
            terms.approval().stream()
                .flatMap(a -> a.levels().stream())
                .flatMap(l -> l.subjects().stream()),
            terms.breakGlass().stream().flatMap(b -> b.subjects().stream()))
        .flatMap(s -> s)
        .anyMatch(Subject::isPlain);
  }

  /** The selectors, as what a machine is looked up in. */
  MachineSelection selection() {
    return (MachineSelection) machines;
  }

  public boolean selects(MachineFacts machine) {
    return selection().matches(machine);
  }

  /** The rule whose ports include all that is asked for. */
  public Optional<PortRule> ruleFor(PortSpec asked) {
    for (PortRule rule : ports) {
      if (rule.ports().covers(asked)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  /** Whether it names the requestor; where it denies, one that names nobody means everybody. */
  public boolean names(Requestor requestor) {
    if (terms.denies() && requestorGroups.isEmpty() && requestorSubjects.isEmpty()) {
      return true;
    }
    return Subject.anyMatches(requestorSubjects, requestor)
        || requestor.groups().stream().anyMatch(requestorGroups::contains);
  }
}
