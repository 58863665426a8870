package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.Requestor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must be asked outside before a request is held against the policies.
 *
 * @param tickets tickets that the justification names
 * @param cloudPermission whether the machine's cloud is to be asked
 */
public record LookupNeeds(Set<String> tickets, boolean cloudPermission) {

  /** What the policies that select the machine ask for; nothing in an emergency. */
  public static LookupNeeds of(
      Collection<Policy> policies,
      MachineFacts machine,
      Optional<String> justification,
      boolean breakGlass) {
    Set<String> tickets = new TreeSet<>();
    boolean permission = false;
    if (!breakGlass) {
      for (Policy policy : policies) {
        boolean asks = policy.terms().ticket().isPresent() || policy.terms().cloudPermission();
        if (asks && policy.selects(machine)) {
          policy
              .terms()
              .ticket()
              .flatMap(p -> FindingRules.ticketIn(p, justification))
              .ifPresent(tickets::add);
          permission |= policy.terms().cloudPermission();
        }
      }
    }
    return new LookupNeeds(tickets, permission);
  }

  public boolean isEmpty() {
    return tickets.isEmpty() && !cloudPermission;
  }

  /** Asks for all of it, one after the other. */
  public List<Finding> find(Lookups lookups, Requestor person, MachineFacts machine) {
    List<Finding> findings = new ArrayList<>();
    tickets.forEach(t -> findings.add(lookups.ticket(t)));
    if (cloudPermission) {
      findings.add(lookups.cloudPermission(person, machine));
    }
    return findings;
  }
}
