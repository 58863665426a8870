package io.postern.request.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import io.postern.model.Requestor;
import io.postern.model.Specificity;
import io.postern.model.TimeWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What a person may ask for, by the policies that name him: said before he asks, so that he need
 * not find out by being refused. Whatever depends on the request itself, such as a condition, a
 * ticket, a quota or a permission in the cloud, is checked when it comes.
 */
public final class Offers {
  private static final Comparator<Offer> BY_PORT =
      Comparator.comparing((Offer o) -> o.rule().ports()).thenComparing(o -> o.policy().id());

  private Offers() {}

  /**
   * One port, or range, of one machine.
   *
   * @param isOpenHours whether the policy's windows allow a grant to begin now
   */
  public record Offer(MachineFacts machine, Policy policy, PortRule rule, boolean isOpenHours) {
    /** Whether somebody has to approve. */
    public boolean needsApproval() {
      return policy.terms().approval().isPresent();
    }

    /** Whether more is checked once the request is there. */
    public boolean isConditional() {
      return policy.terms().condition().isPresent()
          || policy.terms().ticket().isPresent()
          || policy.terms().cloudPermission();
    }
  }

  /** Everything that the person may ask for, by machine, port and policy. */
  public static List<Offer> of(
      Requestor person,
      Collection<Policy> policies,
      Collection<MachineFacts> machines,
      Instant now) {
    List<Offer> offers = new ArrayList<>();
    machines.stream()
        .sorted(Comparator.comparing(MachineFacts::id))
        .forEach(m -> offers.addAll(onMachine(person, policies, m, now)));
    return offers;
  }

  private static List<Offer> onMachine(
      Requestor person, Collection<Policy> policies, MachineFacts machine, Instant now) {
    List<Policy> selecting = policies.stream().filter(p -> p.selects(machine)).toList();
    List<Offer> offers = new ArrayList<>();
    for (Policy policy : selecting) {
      boolean isOpenHours =
          policy.terms().windows().isEmpty()
              || TimeWindow.cover(policy.terms().windows(), now, now.plusMillis(1));
      policy.ports().stream()
          .filter(rule -> mayAsk(person, policy, rule, selecting, machine))
          .forEach(rule -> offers.add(new Offer(machine, policy, rule, isOpenHours)));
    }
    return offers.stream().sorted(BY_PORT).toList();
  }

  /** Whether the policy decides on the ports, and everything that decides lets the person ask. */
  private static boolean mayAsk(
      Requestor person,
      Policy policy,
      PortRule rule,
      List<Policy> selecting,
      MachineFacts machine) {
    List<Policy> covering =
        selecting.stream()
            .filter(p -> !p.terms().denies() && p.ruleFor(rule.ports()).isPresent())
            .toList();
    List<Policy> deciding = Specificity.closest(covering, machine);
    return deciding.contains(policy)
        && deciding.stream().allMatch(p -> p.names(person))
        && !isForbidden(rule, selecting, person);
  }

  /** A policy that denies some sources only leaves the others. */
  private static boolean isForbidden(PortRule rule, List<Policy> selecting, Requestor person) {
    return selecting.stream()
        .filter(p -> p.terms().denies() && p.names(person))
        .flatMap(p -> p.ports().stream())
        .anyMatch(denied -> denied.sources().isEmpty() && denied.ports().covers(rule.ports()));
  }
}
