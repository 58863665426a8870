package io.postern.aws.domain;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * An owner's group: it must let in what its owner's rules let in, those included that we took away,
 * less the ports under lock-down. Locking, widening, narrowing, repairing and lifting are this one
 * function. Rules are added before any is taken away, so that no other port closes in between.
 */
public final class GroupPlanner {
  private final Limits limits;
  private final Observed.Group observed;
  private final Set<PortSpec> managed;
  private final Map<Permission, Rule> standing = new HashMap<>();
  private final Map<Permission, Rule> owners = new TreeMap<>();
  private final List<Rule> remainders = new ArrayList<>();
  private final Map<Permission, Displaced> owed = new TreeMap<>();
  private final List<Displaced> restored = new ArrayList<>();

  private GroupPlanner(
      Limits limits, Observed.Group observed, Set<PortSpec> managed, List<Displaced> recorded) {
    this.limits = limits;
    this.observed = observed;
    this.managed = managed;
    for (Rule rule : observed.ingress()) {
      standing.put(rule.permission(), rule);
      if (rule.isRemainder() && isOf(rule, recorded)) {
        remainders.add(rule);
      } else {
        owners.put(rule.permission(), rule);
      }
    }
    List<Displaced> pieces = new ArrayList<>();
    for (Displaced d : recorded) {
      List<Displaced> left = withoutWhatOthersTookAway(d);
      if (left.equals(List.of(d))) {
        owe(d);
      } else {
        pieces.addAll(left);
      }
    }
    pieces.forEach(this::owe);
  }

  /** What stands as the owner's again is not owed, whoever put it there. */
  private void owe(Displaced d) {
    if (!owners.containsKey(d.permission())) {
      owed.putIfAbsent(d.permission(), d);
    }
  }

  /** A remainder of which no displaced rule is known is somebody's rule like any other. */
  private static boolean isOf(Rule remainder, List<Displaced> recorded) {
    return recorded.stream().anyMatch(d -> d.permission().covers(remainder.permission()));
  }

  private List<Displaced> withoutWhatOthersTookAway(Displaced d) {
    List<Displaced> pieces = List.of(d);
    if (owners.containsKey(d.permission())) {
      return pieces;
    }
    for (Permission gone : d.standIns()) {
      if (!standing.containsKey(gone)) {
        pieces =
            pieces.stream()
                .flatMap(
                    p ->
                        p.permission().minus(gone, limits.otherProtocols()).stream()
                            .map(p::narrowedTo))
                .toList();
      }
    }
    return pieces;
  }

  /**
   * The calls that bring the group to what must hold.
   *
   * @param recorded what we owe the group, as last recorded
   */
  public static GroupPlan plan(
      RuleSetIntent intent, Observed.Group observed, List<Displaced> recorded, Limits limits) {
    if (!observed.exists()) {
      return new GroupPlan(List.of(), List.of(), List.of(), Map.of());
    }
    LockScope scope = LockScope.of(intent, observed, recorded);
    Optional<Plan.Refusal> foreign = belongsToAnother(intent, observed);
    if (foreign.isPresent()) {
      Map<MachineId, Plan.Refusal> refused = refuseAll(intent, observed, foreign.get());
      return new GroupPlan(recorded, List.of(), recorded, refused);
    }
    GroupPlanner planner = new GroupPlanner(limits, observed, scope.managed(), recorded);
    return planner.plan(intent, recorded, scope.refused());
  }

  private static Optional<Plan.Refusal> belongsToAnother(
      RuleSetIntent intent, Observed.Group observed) {
    return observed
        .owner()
        .filter(o -> !o.equals(intent.scope().account()))
        .map(
            o ->
                new Plan.Refusal(
                    ErrorCode.UNSUPPORTED_TARGET,
                    "FOREIGN_GROUP: %s belongs to account %s and can only be changed there"
                        .formatted(observed.id(), o)));
  }

  private static Map<MachineId, Plan.Refusal> refuseAll(
      RuleSetIntent intent, Observed.Group observed, Plan.Refusal why) {
    Map<MachineId, Plan.Refusal> refused = new HashMap<>();
    for (MachineIntent machine : intent.machines()) {
      machine
          .lock()
          .filter(l -> isOpen(observed, l))
          .ifPresent(l -> refused.put(machine.machine(), why));
    }
    return refused;
  }

  private static boolean isOpen(Observed.Group observed, Lock lock) {
    return observed.ingress().stream().anyMatch(r -> r.permission().opensAny(lock.ports()));
  }

  private GroupPlan plan(
      RuleSetIntent intent, List<Displaced> recorded, Map<MachineId, Plan.Refusal> refused) {
    List<Rule> displacing =
        owners.values().stream().filter(r -> r.permission().opensAny(managed)).toList();
    displacing.forEach(r -> owed.put(r.permission(), Displaced.of(r, Set.of())));
    Map<Permission, Displaced> all = new LinkedHashMap<>(owed);
    owed.values().removeIf(d -> !d.permission().opensAny(managed));
    all.values().stream().filter(d -> !owed.containsKey(d.permission())).forEach(restored::add);

    Map<Permission, Displaced> wanted = wantedRemainders();
    Set<Permission> giving = new HashSet<>();
    restored.forEach(d -> giving.add(d.permission()));
    List<Rule> surplus =
        remainders.stream()
            .filter(r -> !wanted.containsKey(r.permission()) && !giving.contains(r.permission()))
            .toList();
    Set<Permission> restoring = new HashSet<>(giving);
    restoring.removeAll(standing.keySet());
    List<Permission> missing =
        wanted.keySet().stream()
            .filter(p -> !standing.containsKey(p) && !restoring.contains(p))
            .toList();

    List<Rule> gone = new ArrayList<>(displacing);
    gone.addAll(surplus);
    Change change = new Change(wanted, missing, restoring, gone);
    Optional<List<Step>> writes = change.steps(displacing.isEmpty());
    if (writes.isEmpty()) {
      return new GroupPlan(
          recorded, List.of(), recorded, refuseAll(intent, observed, change.overQuota()));
    }
    List<Step> steps = new ArrayList<>(writes.get());
    steps.addAll(handedBack());
    List<Displaced> before = new ArrayList<>(noted(all.values()));
    before.addAll(stillWithRemainders(recorded, surplus));
    return new GroupPlan(before, steps, noted(owed.values()), refused);
  }

  /** Rules that are back, but whose remainders are still to go: without them nobody knew whose. */
  private List<Displaced> stillWithRemainders(List<Displaced> recorded, List<Rule> surplus) {
    return recorded.stream()
        .filter(d -> owners.containsKey(d.permission()) && !owed.containsKey(d.permission()))
        .filter(d -> surplus.stream().anyMatch(r -> d.permission().covers(r.permission())))
        .map(d -> d.withStandIns(Set.of()))
        .toList();
  }

  /** Remainders that are all that is left to put back: they become the owner's. */
  private List<Step> handedBack() {
    List<Step> steps = new ArrayList<>();
    for (Displaced d : restored) {
      Rule rule = standing.get(d.permission());
      if (rule != null) {
        if (!rule.description().equals(d.description())) {
          steps.add(new Step.Describe(observed.id(), rule, d.description()));
        }
        if (!d.tags().isEmpty()) {
          steps.add(new Step.Tag(rule.id(), d.tags()));
        }
        steps.add(new Step.Untag(rule.id(), Set.of(OwnTags.MANAGED)));
      }
    }
    return steps;
  }

  private Map<Permission, Displaced> wantedRemainders() {
    Map<Permission, Displaced> wanted = new LinkedHashMap<>();
    for (Displaced d : owed.values()) {
      remaindersOf(d).forEach(p -> wanted.putIfAbsent(p, d));
    }
    return wanted;
  }

  private List<Permission> remaindersOf(Displaced d) {
    return d.permission().minus(managed, limits.otherProtocols());
  }

  /** What is owed, each with those of its remainders that are wanted and stand. */
  private List<Displaced> noted(Collection<Displaced> all) {
    Set<Permission> ours = new HashSet<>();
    remainders.forEach(r -> ours.add(r.permission()));
    return all.stream()
        .map(
            d -> {
              Set<Permission> standIns =
                  owed.containsKey(d.permission())
                      ? new HashSet<>(remaindersOf(d))
                      : new HashSet<>();
              standIns.retainAll(ours);
              return d.withStandIns(standIns);
            })
        .sorted(Comparator.comparing(Displaced::permission))
        .toList();
  }

  /** Rules to add and to take away, in an order that keeps the quota and closes no other port. */
  private final class Change {
    private final Map<Permission, Displaced> wanted;
    private final List<Permission> missing;
    private final Set<Permission> restoring;
    private final List<Rule> gone;

    Change(
        Map<Permission, Displaced> wanted,
        List<Permission> missing,
        Set<Permission> restoring,
        List<Rule> gone) {
      this.wanted = wanted;
      this.missing = missing;
      this.restoring = restoring;
      this.gone = gone;
    }

    /**
     * All at once where the quota allows it, else one source after the other. To put rules back, a
     * short gap on their other ports is better than never. Empty when the quota does not allow it.
     */
    Optional<List<Step>> steps(boolean isGivingBack) {
      if (fits(added(p -> true), Set.of())) {
        List<Step> steps = new ArrayList<>(additions(p -> true));
        steps.addAll(revoke(gone));
        return Optional.of(steps);
      }
      Optional<List<Step>> bySource = bySource();
      if (bySource.isPresent() || !isGivingBack) {
        return bySource;
      }
      List<Step> steps = new ArrayList<>();
      boolean fitsAfterwards = fits(added(p -> true), idsOf(gone));
      steps.addAll(fitsAfterwards ? revoke(gone) : additions(p -> true));
      steps.addAll(fitsAfterwards ? additions(p -> true) : revoke(gone));
      return Optional.of(steps);
    }

    /** Rules of different sources have nothing to do with each other. */
    private Optional<List<Step>> bySource() {
      Set<Peer> peers = new TreeSet<>();
      added(p -> true).forEach(p -> peers.add(p.peer()));
      gone.forEach(r -> peers.add(r.permission().peer()));
      List<Step> steps = new ArrayList<>();
      List<Permission> addedSoFar = new ArrayList<>();
      Set<String> goneSoFar = new HashSet<>();
      for (Peer peer : peers) {
        Predicate<Permission> ofPeer = p -> p.peer().equals(peer);
        List<Rule> leaving = gone.stream().filter(r -> ofPeer.test(r.permission())).toList();
        List<Rule> harmless = leaving.stream().filter(this::opensManagedPortsOnly).toList();
        List<Rule> rest = leaving.stream().filter(r -> !harmless.contains(r)).toList();
        addedSoFar.addAll(added(ofPeer));
        goneSoFar.addAll(idsOf(harmless));
        if (!fits(addedSoFar, goneSoFar)) {
          return Optional.empty();
        }
        goneSoFar.addAll(idsOf(rest));
        steps.addAll(revoke(harmless));
        steps.addAll(additions(ofPeer));
        steps.addAll(revoke(rest));
      }
      return Optional.of(steps);
    }

    private boolean opensManagedPortsOnly(Rule rule) {
      return rule.permission().minus(managed, limits.otherProtocols()).isEmpty();
    }

    private List<Permission> added(Predicate<Permission> which) {
      return Stream.concat(missing.stream(), restoring.stream()).filter(which).toList();
    }

    private List<Step> additions(Predicate<Permission> which) {
      List<Step> steps = new ArrayList<>();
      Map<Map<String, String>, List<Step.NewRule>> byTags = new LinkedHashMap<>();
      for (Displaced d : restored) {
        if (restoring.contains(d.permission()) && which.test(d.permission())) {
          byTags
              .computeIfAbsent(d.tags(), t -> new ArrayList<>())
              .add(new Step.NewRule(d.permission(), d.description()));
        }
      }
      List<Step.NewRule> remaining = new ArrayList<>();
      for (Permission p : missing) {
        if (which.test(p)) {
          Displaced d = wanted.get(p);
          remaining.add(new Step.NewRule(p, d == null ? Optional.empty() : d.description()));
        }
      }
      byTags.forEach((tags, rules) -> steps.add(authorize(rules, tags)));
      if (!remaining.isEmpty()) {
        steps.add(authorize(remaining, Map.of(OwnTags.MANAGED, OwnTags.REMAINDER)));
      }
      return steps;
    }

    private Step authorize(List<Step.NewRule> rules, Map<String, String> tags) {
      return new Step.Authorize(observed.id(), rules, tags, false);
    }

    private List<Step> revoke(List<Rule> rules) {
      return rules.isEmpty()
          ? List.of()
          : List.of(new Step.Revoke(observed.id(), List.copyOf(idsOf(rules))));
    }

    Plan.Refusal overQuota() {
      return new Plan.Refusal(
          ErrorCode.UNSUPPORTED_TARGET,
          "RULE_QUOTA: the lock-down of %s needs %d IPv4 and %d IPv6 rules while it is being done, %d afterwards; its quota is %d each"
              .formatted(
                  observed.id(),
                  count(added(p -> true), Set.of(), false),
                  count(added(p -> true), Set.of(), true),
                  Math.max(
                      count(added(p -> true), idsOf(gone), false),
                      count(added(p -> true), idsOf(gone), true)),
                  limits.rulesPerGroup()));
    }
  }

  private static Set<String> idsOf(List<Rule> rules) {
    Set<String> ids = new LinkedHashSet<>();
    rules.forEach(r -> ids.add(r.id()));
    return ids;
  }

  private boolean fits(List<Permission> added, Set<String> without) {
    return count(added, without, false) <= limits.rulesPerGroup()
        && count(added, without, true) <= limits.rulesPerGroup();
  }

  private int count(List<Permission> added, Set<String> without, boolean ipv6) {
    int n = 0;
    for (Rule rule : observed.ingress()) {
      n += without.contains(rule.id()) ? 0 : weight(rule.permission(), ipv6);
    }
    for (Permission p : added) {
      n += weight(p, ipv6);
    }
    return n;
  }

  private int weight(Permission permission, boolean ipv6) {
    Peer peer = permission.peer();
    return switch (peer.kind()) {
      case IPV4 -> ipv6 ? 0 : 1;
      case IPV6 -> ipv6 ? 1 : 0;
      case GROUP -> 1;
      case PREFIX_LIST -> {
        Observed.Weight w =
            observed.prefixLists().getOrDefault(peer.value(), new Observed.Weight(1, 1));
        yield ipv6 ? w.ipv6() : w.ipv4();
      }
    };
  }

  /** What the group does as observed. */
  public static Assessment assess(
      RuleSetIntent intent, Observed.Group observed, List<Displaced> recorded, Limits limits) {
    GroupPlan plan = plan(intent, observed, recorded, limits);
    boolean carriesOurs = !plan.after().isEmpty() || !plan.steps().isEmpty();
    Map<MachineId, List<Assessment.Bypass>> locked = new HashMap<>();
    Set<MachineId> touched = new HashSet<>();
    Set<GrantId> satisfied = new HashSet<>();
    for (MachineIntent machine : intent.machines()) {
      machine.grants().forEach(g -> satisfied.add(g.id()));
      if (carriesOurs) {
        touched.add(machine.machine());
      }
      machine
          .lock()
          .filter(l -> !isOpen(observed, l))
          .ifPresent(l -> locked.put(machine.machine(), List.of()));
    }
    return new Assessment(satisfied, Set.of(), locked, touched);
  }
}
