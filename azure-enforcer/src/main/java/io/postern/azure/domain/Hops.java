package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The ways through firewalls, as an inventory saw them. Behind a firewall a group sees the
 * firewall's address instead of the requestor's, so each hop gets its own sources.
 */
public record Hops(Map<MachineId, List<Hop>> byMachine) {
  /** No firewall anywhere. */
  public static final Hops NONE = new Hops(Map.of());

  public Hops {
    byMachine = Map.copyOf(byMachine);
  }

  List<Hop> of(MachineId machine) {
    return byMachine.getOrDefault(machine, List.of());
  }

  /** The machine's way through this firewall, if it has one. */
  Optional<Hop> through(RuleSetId firewall, MachineId machine) {
    return of(machine).stream().filter(h -> h.firewall().equals(firewall)).findFirst();
  }

  /** The firewalls on the ways to a machine. */
  public List<RuleSetId> firewalls(MachineId machine) {
    return of(machine).stream().map(Hop::firewall).distinct().toList();
  }

  /** Why nothing may be written for this machine; empty when something may. */
  Optional<String> notApplicable(MachineId machine) {
    return of(machine).stream().flatMap(h -> h.managedBy().stream()).findFirst();
  }

  /** Grants that would let in others than their sources, and why. */
  Map<GrantId, String> sharing(RuleSetIntent intent) {
    Map<GrantId, String> why = new HashMap<>();
    for (MachineIntent m : intent.machines()) {
      for (Hop hop : of(m.machine())) {
        m.grants()
            .forEach(
                g -> hop.sharing(m, g, hop.foreignNats()).ifPresent(text -> why.put(g.id(), text)));
      }
    }
    return why;
  }

  /** What a group behind the firewalls must do for the intent. */
  public RuleSetIntent behind(RuleSetIntent intent) {
    if (intent.machines().stream().allMatch(m -> of(m.machine()).isEmpty())) {
      return intent;
    }
    List<MachineIntent> machines =
        intent.machines().stream()
            .map(
                m ->
                    new MachineIntent(
                        m.facts(),
                        m.lock(),
                        m.grants().stream().map(g -> behind(g, of(m.machine()))).toList()))
            .toList();
    return new RuleSetIntent(
        intent.ruleSet(), intent.scope(), machines, intent.restorePoint(), intent.now());
  }

  private static Grant behind(Grant grant, List<Hop> hops) {
    if (hops.isEmpty()) {
      return grant;
    }
    boolean direct = hops.stream().noneMatch(Hop::onlyWay);
    Set<Cidr> seen = new LinkedHashSet<>();
    for (Cidr source : grant.sources()) {
      boolean translated = Hop.isTranslated(source);
      if (translated) {
        hops.forEach(h -> seen.addAll(h.seenAs()));
      }
      if (!translated || direct) {
        seen.add(source);
      }
    }
    return new Grant(
        grant.id(),
        grant.request(),
        grant.machine(),
        grant.ports(),
        List.copyOf(seen),
        grant.startsAt(),
        grant.expiresAt(),
        grant.policy(),
        grant.endedFor(),
        grant.closed());
  }
}
