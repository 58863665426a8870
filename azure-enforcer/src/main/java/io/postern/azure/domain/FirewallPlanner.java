package io.postern.azure.domain;

import io.postern.azure.domain.FirewallCollection.Kind;
import io.postern.azure.domain.FirewallView.Placed;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The difference between what an Azure Firewall must contain of ours and what it contains. Rules
 * and collections that are not ours are read and never changed.
 */
public final class FirewallPlanner {
  /** NAT rules that a firewall takes. */
  static final int MOST_NAT_RULES = 250;

  private final RuleSetIntent intent;
  private final ObservedFirewall observed;
  private final Hops hops;
  private final FirewallOwnership ownership;
  private final FirewallWanted wanted;
  private final FirewallView view;
  private final CollectionPlaces places;
  private final MappedPorts ports;

  private final Set<String> kept = new HashSet<>();
  private final List<FirewallStep> closing = new ArrayList<>();
  private final List<FirewallStep> opening = new ArrayList<>();
  private final Map<GrantId, Plan.Refusal> refusedGrants = new HashMap<>();
  private final Map<MachineId, Plan.Refusal> refusedLocks = new HashMap<>();

  /** Lock-downs of ours that stay where they are, since there is no place where they belong. */
  private final List<Placed> stuck = new ArrayList<>();

  private int natRules;

  private FirewallPlanner(
      RuleSetIntent intent, ObservedFirewall observed, Hops hops, FirewallOwnership ownership) {
    this.intent = intent;
    this.observed = observed;
    this.hops = hops;
    this.ownership = ownership;
    this.wanted = new FirewallWanted(ownership);
    this.view = new FirewallView(observed, ownership);
    this.places = new CollectionPlaces(view);
    this.ports = new MappedPorts(observed.publicAddresses());
  }

  public static Plan<FirewallStep> plan(
      RuleSetIntent intent, ObservedFirewall observed, Hops hops, Marks marks) {
    return new FirewallPlanner(
            intent, observed, hops, new FirewallOwnership(marks, intent.ruleSet()))
        .plan();
  }

  private Plan<FirewallStep> plan() {
    if (!observed.exists()) {
      return new Plan<>(Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of());
    }
    if (observed.managedBy().isPresent()) {
      intent.machines().forEach(m -> keepOff(m, observed.managedBy().get()));
      return new Plan<>(Optional.empty(), List.of(), Optional.empty(), refusedGrants, refusedLocks);
    }
    OptionalInt before = lockDowns();
    grants(before.orElse(CollectionPlaces.LAST + 1));
    return result();
  }

  private void keepOff(MachineIntent machine, String why) {
    Plan.Refusal refusal = new Plan.Refusal(ErrorCode.UNSUPPORTED_TARGET, why);
    machine.lock().ifPresent(l -> refusedLocks.put(machine.machine(), refusal));
    machine.grants().forEach(g -> refusedGrants.put(g.id(), refusal));
  }

  private Optional<Hop> hop(MachineIntent machine) {
    return hops.through(intent.ruleSet(), machine.machine());
  }

  /** Priority of the first lock-down, which grants must come before. */
  private OptionalInt lockDowns() {
    OptionalInt first = OptionalInt.empty();
    for (boolean override : new boolean[] {true, false}) {
      List<MachineIntent> machines =
          intent.machines().stream()
              .filter(m -> m.lock().map(Lock::override).filter(o -> o == override).isPresent())
              .toList();
      Map<MachineIntent, List<FirewallWanted.Network>> rules = new HashMap<>();
      List<Placed> exposing = new ArrayList<>();
      for (MachineIntent m : machines) {
        List<FirewallWanted.Network> of = hop(m).map(h -> wanted.denies(m, h)).orElse(List.of());
        if (!of.isEmpty()) {
          rules.put(m, of);
          of.forEach(n -> exposing.addAll(view.meeting(n.traffic(), true)));
        }
      }
      if (rules.isEmpty()) {
        continue;
      }
      OptionalInt place = override ? places.override(exposing) : places.lockDown(exposing);
      String collection = override ? FirewallOwnership.DENY_OVERRIDE : FirewallOwnership.DENY;
      for (MachineIntent m : machines) {
        rules.getOrDefault(m, List.of()).forEach(n -> deny(m, n, collection, place, exposing));
      }
      if (place.isPresent() && (first.isEmpty() || place.getAsInt() < first.getAsInt())) {
        first = place;
      }
    }
    return first;
  }

  private void deny(
      MachineIntent machine,
      FirewallWanted.Network rule,
      String collection,
      OptionalInt place,
      List<Placed> exposing) {
    if (place.isEmpty()) {
      refusedLocks.put(
          machine.machine(),
          new Plan.Refusal(
              ErrorCode.CONFLICT,
              "no priority is free for the lock-down beside %s"
                  .formatted(
                      exposing.isEmpty() ? "other collections" : exposing.getFirst().where())));
      // What stands of it stays: it is better than nothing.
      keep(Kind.NETWORK, collection, rule.rule());
      view.placed(Kind.NETWORK, collection, rule.rule().name()).ifPresent(stuck::add);
      return;
    }
    put(Kind.NETWORK, collection, rule.rule(), closing);
  }

  private void grants(int limit) {
    List<MachineIntent> machines = intent.machines();
    Map<GrantId, List<FirewallWanted.Network>> networks = new HashMap<>();
    Map<GrantId, List<FirewallWanted.Nat>> nats = new HashMap<>();
    for (MachineIntent m : machines) {
      hop(m)
          .ifPresent(
              h ->
                  m.grants().stream()
                      .filter(FirewallWanted::isConcerned)
                      .filter(this::isPossible)
                      .filter(g -> isAlone(m, g, h))
                      .forEach(
                          g -> {
                            networks.put(g.id(), wanted.allows(g, h));
                            nats.put(g.id(), wanted.nats(g, h));
                          }));
    }
    takePorts(nats);
    if (networks.isEmpty()) {
      return;
    }
    OptionalInt place = allowPlace(limit);
    for (MachineIntent m : machines) {
      for (Grant g : m.grants()) {
        if (networks.containsKey(g.id())) {
          grant(
              g,
              networks.getOrDefault(g.id(), List.of()),
              nats.getOrDefault(g.id(), List.of()),
              place,
              limit);
        }
      }
    }
  }

  /** Before all lock-downs if that can be, else at least before those that have their place. */
  private OptionalInt allowPlace(int limit) {
    int first = stuck.stream().mapToInt(p -> p.collection().priority()).min().orElse(limit);
    OptionalInt before = places.allow(Math.min(first, limit));
    return before.isPresent() || first >= limit ? before : places.allow(limit);
  }

  private boolean isAlone(MachineIntent machine, Grant grant, Hop hop) {
    List<FirewallRule> nats =
        view.foreign.stream()
            .filter(p -> p.collection().kind() == Kind.NAT)
            .map(Placed::rule)
            .toList();
    Optional<String> sharing = hop.sharing(machine, grant, nats);
    sharing.ifPresent(why -> refuse(grant, ErrorCode.CONFLICT, why));
    return sharing.isEmpty();
  }

  /** Foreign rules have their ports, and those of ours that stay. */
  private void takePorts(Map<GrantId, List<FirewallWanted.Nat>> nats) {
    Set<String> staying = new HashSet<>();
    nats.values().stream()
        .flatMap(List::stream)
        .forEach(n -> staying.add(FirewallView.key(Kind.NAT, FirewallOwnership.DNAT, n.name())));
    view.foreign.stream().filter(p -> p.collection().kind() == Kind.NAT).forEach(this::take);
    view.ours.stream().filter(p -> staying.contains(key(p))).forEach(this::take);
  }

  private void take(Placed placed) {
    ports.take(placed.rule());
    natRules++;
  }

  private boolean isPossible(Grant grant) {
    if (!FirewallWanted.isTranslated(grant)) {
      return true;
    }
    int count = FirewallWanted.translations(grant);
    if (count > FirewallWanted.MOST_PORTS) {
      refuse(
          grant,
          ErrorCode.UNSUPPORTED_TARGET,
          "%d ports cannot be led through Azure Firewall, which takes a rule for each; at most %d"
              .formatted(count, FirewallWanted.MOST_PORTS));
      return false;
    }
    if (observed.publicAddresses().isEmpty()) {
      refuse(
          grant,
          ErrorCode.UNSUPPORTED_TARGET,
          "the Azure Firewall before it has no public address");
      return false;
    }
    return true;
  }

  private void grant(
      Grant grant,
      List<FirewallWanted.Network> networks,
      List<FirewallWanted.Nat> nats,
      OptionalInt place,
      int limit) {
    if (place.isEmpty()) {
      refuse(
          grant,
          ErrorCode.CONFLICT,
          "no priority is free for grants before the lock-down at %d".formatted(limit));
      return;
    }
    Optional<Placed> inTheWay =
        networks.stream()
            .flatMap(
                n ->
                    Stream.of(view.foreign, stuck)
                        .flatMap(
                            among ->
                                FirewallView.denying(among, n.traffic(), place.getAsInt())
                                    .stream()))
            .findFirst();
    if (inTheWay.isPresent()) {
      refuse(grant, ErrorCode.CONFLICT, inTheWay.get().where() + " denies the grant's traffic");
      return;
    }
    Map<FirewallWanted.Nat, FirewallRule> chosen = new HashMap<>();
    for (FirewallWanted.Nat nat : nats) {
      Optional<FirewallRule> rule = choose(grant, nat);
      if (rule.isEmpty()) {
        return;
      }
      chosen.put(nat, rule.get());
    }
    networks.forEach(n -> put(Kind.NETWORK, FirewallOwnership.ALLOW, n.rule(), opening));
    if (!nats.isEmpty() && places.dnat().isPresent()) {
      nats.forEach(
          n -> {
            FirewallRule rule = chosen.get(n);
            if (rule != null) {
              put(Kind.NAT, FirewallOwnership.DNAT, rule, opening);
            }
          });
    }
  }

  /** The rule where it stands, or at a place of its own; empty when the grant is refused. */
  private Optional<FirewallRule> choose(Grant grant, FirewallWanted.Nat nat) {
    Optional<FirewallRule> stands = view.standing(Kind.NAT, FirewallOwnership.DNAT, nat.name());
    Optional<MappedPorts.Place> old = stands.flatMap(ports::placeOf);
    if (old.isPresent()) {
      Optional<String> other =
          view.foreign.stream()
              .filter(p -> p.collection().kind() == Kind.NAT)
              .filter(p -> has(p.rule(), old.get()))
              .map(Placed::where)
              .findFirst();
      if (other.isPresent()) {
        refuse(
            grant,
            ErrorCode.CONFLICT,
            "%s takes port %d of %s".formatted(other.get(), old.get().port(), old.get().address()));
        return Optional.empty();
      }
      return Optional.of(wanted.at(nat, old.get()));
    }
    Optional<MappedPorts.Place> free = ports.free(nat.name());
    boolean isNew = stands.isEmpty();
    if (free.isEmpty() || (isNew && natRules >= MOST_NAT_RULES)) {
      refuse(
          grant,
          ErrorCode.CONFLICT,
          free.isEmpty()
              ? "no public port of the Azure Firewall is free"
              : "the Azure Firewall is full: it takes %d NAT rules".formatted(MOST_NAT_RULES));
      return Optional.empty();
    }
    FirewallRule rule = wanted.at(nat, free.get());
    ports.take(rule);
    natRules += isNew ? 1 : 0;
    return Optional.of(rule);
  }

  private static boolean has(FirewallRule rule, MappedPorts.Place place) {
    MappedPorts only = new MappedPorts(List.of(place.address()));
    only.take(rule);
    return only.holder(place).isPresent();
  }

  private void refuse(Grant grant, ErrorCode code, String why) {
    refusedGrants.put(grant.id(), new Plan.Refusal(code, why));
  }

  private void keep(Kind kind, String collection, FirewallRule rule) {
    kept.add(FirewallView.key(kind, collection, rule.name()));
  }

  private void put(Kind kind, String collection, FirewallRule rule, List<FirewallStep> steps) {
    keep(kind, collection, rule);
    boolean isRight =
        view.standing(kind, collection, rule.name())
            .filter(s -> s.content().equals(rule.content()))
            .filter(s -> s.description().equals(rule.description()))
            .isPresent();
    if (!isRight) {
      steps.add(new FirewallStep.PutRule(kind, collection, rule));
    }
  }

  private static String key(Placed placed) {
    return FirewallView.key(
        placed.collection().kind(), placed.collection().name(), placed.rule().name());
  }

  private Plan<FirewallStep> result() {
    List<FirewallStep> steps = new ArrayList<>();
    view.ours.stream().filter(p -> !kept.contains(key(p))).map(Placed::delete).forEach(steps::add);
    places.steps().stream().filter(s -> !s.opens()).forEach(steps::add);
    steps.addAll(closing);
    places.steps().stream().filter(FirewallStep::opens).filter(this::isFilled).forEach(steps::add);
    steps.addAll(opening);
    if (steps.isEmpty() && observed.failed() && !view.ours.isEmpty()) {
      steps.add(new FirewallStep.PutAgain());
    }
    Optional<RestorePoint> after =
        kept.isEmpty() ? Optional.empty() : Optional.of(RestorePoint.NOTHING);
    return new Plan<>(
        steps.isEmpty() ? after : Optional.of(RestorePoint.NOTHING),
        steps,
        after,
        refusedGrants,
        refusedLocks);
  }

  /** Whether the collection is there for anything: of those that all grants were refused is not. */
  private boolean isFilled(FirewallStep step) {
    return step instanceof FirewallStep.PlaceCollection place
        && (view.collection(place.kind(), place.collection()).isPresent()
            || opening.stream()
                .anyMatch(
                    s ->
                        s instanceof FirewallStep.PutRule put
                            && put.kind() == place.kind()
                            && put.collection().equals(place.collection())));
  }
}
