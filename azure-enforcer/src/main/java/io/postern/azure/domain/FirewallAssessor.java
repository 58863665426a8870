package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Action;
import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.Way;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a firewall does as observed. */
public final class FirewallAssessor {
  private static final String ESTABLISHED =
      "Azure Firewall ends established connections that a change of its rules denies.";

  private final RuleSetIntent intent;
  private final ObservedFirewall observed;
  private final Hops hops;
  private final FirewallOwnership ownership;
  private final FirewallWanted wanted;
  private final FirewallView view;
  private final MappedPorts ports;

  private FirewallAssessor(
      RuleSetIntent intent, ObservedFirewall observed, Hops hops, FirewallOwnership ownership) {
    this.intent = intent;
    this.observed = observed;
    this.hops = hops;
    this.ownership = ownership;
    this.wanted = new FirewallWanted(ownership);
    this.view = new FirewallView(observed, ownership);
    this.ports = new MappedPorts(observed.publicAddresses());
    view.foreign.stream()
        .filter(p -> p.collection().kind() == Kind.NAT)
        .forEach(p -> ports.take(p.rule()));
  }

  public static Assessment assess(
      RuleSetIntent intent, ObservedFirewall observed, Hops hops, Marks marks) {
    return new FirewallAssessor(
            intent, observed, hops, new FirewallOwnership(marks, intent.ruleSet()))
        .assess();
  }

  private Assessment assess() {
    Map<GrantId, List<Way>> ways = new HashMap<>();
    Map<MachineId, List<Assessment.Bypass>> locked = new HashMap<>();
    Set<MachineId> touched = new HashSet<>();
    for (MachineIntent m : intent.machines()) {
      Optional<Hop> hop = hops.through(intent.ruleSet(), m.machine());
      if (hop.isPresent() && observed.exists() && observed.managedBy().isEmpty()) {
        m.grants().forEach(g -> ways(m, g, hop.get()).ifPresent(w -> ways.put(g.id(), w)));
        lockDown(m, hop.get()).ifPresent(b -> locked.put(m.machine(), b));
      }
      if (isTouched(m)) {
        touched.add(m.machine());
      }
    }
    Set<GrantId> present = new HashSet<>();
    view.ours.forEach(p -> ownership.grant(p.rule()).ifPresent(present::add));
    return new Assessment(ways.keySet(), present, locked, touched, false, ways, ESTABLISHED);
  }

  /** What to connect to; empty when the grant does not pass. */
  private Optional<List<Way>> ways(MachineIntent machine, Grant grant, Hop hop) {
    if (!FirewallWanted.isConcerned(grant)) {
      return Optional.of(List.of());
    }
    List<FirewallWanted.Network> allows = wanted.allows(grant, hop);
    OptionalInt place = view.priority(Kind.NETWORK, FirewallOwnership.ALLOW);
    if (observed.failed()
        || allows.isEmpty()
        || place.isEmpty()
        || !allows.stream().allMatch(n -> passes(n, place.getAsInt()))) {
      return Optional.empty();
    }
    List<Way> ways = new ArrayList<>();
    for (FirewallWanted.Nat nat : wanted.nats(grant, hop)) {
      Optional<MappedPorts.Place> mapped = mapped(nat);
      if (mapped.isEmpty()) {
        return Optional.empty();
      }
      Protocol protocol = Protocol.parse(nat.flow().protocol);
      ways.add(new Way(mapped.get().address(), mapped.get().port(), protocol));
    }
    ways.addAll(direct(machine, grant, hop));
    return Optional.of(ways);
  }

  private boolean passes(FirewallWanted.Network allow, int place) {
    return stands(Kind.NETWORK, FirewallOwnership.ALLOW, allow.rule())
        && FirewallView.denying(view.foreign, allow.traffic(), place).isEmpty()
        && FirewallView.denying(view.ours, allow.traffic(), place).isEmpty();
  }

  private Optional<MappedPorts.Place> mapped(FirewallWanted.Nat nat) {
    return view.standing(Kind.NAT, FirewallOwnership.DNAT, nat.name())
        .flatMap(ports::placeOf)
        .filter(p -> ports.holder(p).isEmpty())
        .filter(p -> stands(Kind.NAT, FirewallOwnership.DNAT, wanted.at(nat, p)));
  }

  private boolean stands(Kind kind, String collection, FirewallRule rule) {
    return view.standing(kind, collection, rule.name())
        .filter(s -> s.content().equals(rule.content()))
        .filter(s -> s.description().equals(rule.description()))
        .isPresent();
  }

  /** Ways that lead to the machine's own addresses. */
  private static List<Way> direct(MachineIntent machine, Grant grant, Hop hop) {
    boolean fromInside = grant.sources().stream().anyMatch(s -> !Hop.isTranslated(s));
    List<Way> ways = new ArrayList<>();
    for (PortSpec port : grant.ports()) {
      if (!hop.onlyWay()) {
        machine.facts().publicAddresses().stream()
            .limit(1)
            .forEach(a -> ways.add(new Way(a, port.ports().from(), port.protocol())));
      }
      if (fromInside) {
        ways.add(
            new Way(
                hop.addresses().getFirst().addressText(), port.ports().from(), port.protocol()));
      }
    }
    return ways;
  }

  /** The rules that go before the lock-down; empty when it does not stand. */
  private Optional<List<Assessment.Bypass>> lockDown(MachineIntent machine, Hop hop) {
    if (machine.lock().isEmpty()) {
      return Optional.empty();
    }
    Lock lock = machine.lock().get();
    String collection = lock.override() ? FirewallOwnership.DENY_OVERRIDE : FirewallOwnership.DENY;
    OptionalInt place = view.priority(Kind.NETWORK, collection);
    List<FirewallWanted.Network> denies = wanted.denies(machine, hop);
    if (place.isEmpty()
        || denies.isEmpty()
        || !denies.stream().allMatch(n -> stands(Kind.NETWORK, collection, n.rule()))) {
      return Optional.empty();
    }
    List<Assessment.Bypass> bypasses = new ArrayList<>();
    for (FirewallView.Placed p : view.foreign) {
      if (p.collection().kind() == Kind.NAT
          && FirewallWanted.leadsInto(p.rule(), lock.ports(), hop)) {
        bypasses.add(
            bypass(
                p,
                "leads %s %s to %s:%s"
                    .formatted(
                        String.join(", ", p.rule().destinations()),
                        String.join(", ", p.rule().ports()),
                        p.rule().translatedAddress(),
                        p.rule().translatedPort())));
      } else if (p.collection().action() == Action.ALLOW
          && p.collection().priority() < place.getAsInt()
          && denies.stream().anyMatch(n -> n.traffic().mayMeet(p.rule().asNsgRule(true)))) {
        bypasses.add(bypass(p, "allows ports " + String.join(", ", p.rule().ports())));
      }
    }
    return Optional.of(bypasses);
  }

  private static Assessment.Bypass bypass(FirewallView.Placed placed, String what) {
    return new Assessment.Bypass(
        placed.collection().name() + "/" + placed.rule().name(),
        "%s from %s at priority %d, before the lock-down"
            .formatted(
                what, String.join(", ", placed.rule().sources()), placed.collection().priority()));
  }

  private boolean isTouched(MachineIntent machine) {
    return view.ours.stream()
        .anyMatch(
            p ->
                p.rule().name().equalsIgnoreCase(ownership.denyName(machine.machine(), Flow.TCP))
                    || p.rule()
                        .name()
                        .equalsIgnoreCase(ownership.denyName(machine.machine(), Flow.UDP)));
  }
}
