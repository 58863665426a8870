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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

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

    List<Permission> added = new ArrayList<>(missing);
    added.addAll(restoring);
    List<String> harmless = idsOf(displacing.stream().filter(this::leavesNothing).toList());
    List<String> gone = idsOf(displacing);
    gone.addAll(idsOf(surplus));
    Optional<List<String>> first = goingFirst(added, harmless, gone, displacing.isEmpty());
    if (first.isEmpty()) {
      return new GroupPlan(
          recorded, List.of(), recorded, refuseAll(intent, observed, overQuota(added, gone)));
    }
    List<Step> steps = new ArrayList<>(revoke(first.get()));
    steps.addAll(additions(wanted, missing));
    gone.removeAll(first.get());
    steps.addAll(revoke(gone));
    steps.addAll(handedBack());
    return new GroupPlan(noted(all.values()), steps, noted(owed.values()), refused);
  }

  /** Whether only ports under lock-down are reached by it. */
  private boolean leavesNothing(Rule rule) {
    return rule.permission().minus(managed, limits.otherProtocols()).isEmpty();
  }

  private static List<String> idsOf(List<Rule> rules) {
    List<String> ids = new ArrayList<>();
    rules.forEach(r -> ids.add(r.id()));
    return ids;
  }

  /**
   * What must go before anything is added, so that the quota holds; empty when it cannot hold.
   * Mostly nothing; then rules that open nothing but ports under lock-down; to put rules back, a
   * short gap on their other ports is better than never.
   */
  private Optional<List<String>> goingFirst(
      List<Permission> added, List<String> harmless, List<String> gone, boolean isGivingBack) {
    if (fits(added, List.of())) {
      return Optional.of(List.of());
    }
    if (fits(added, harmless)) {
      return Optional.of(harmless);
    }
    if (isGivingBack) {
      return Optional.of(fits(added, gone) ? List.copyOf(gone) : List.of());
    }
    return Optional.empty();
  }

  private List<Step> revoke(List<String> ids) {
    return ids.isEmpty() ? List.of() : List.of(new Step.Revoke(observed.id(), ids));
  }

  /** Remainders that are all that is left to put back: they become the owner's. */
  private List<Step> handedBack() {
    List<Step> steps = new ArrayList<>();
    for (Displaced d : restored) {
      Rule rule = standing.get(d.permission());
      if (rule != null) {
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

  private List<Step> additions(Map<Permission, Displaced> wanted, List<Permission> missing) {
    List<Step> steps = new ArrayList<>();
    Map<Map<String, String>, List<Step.NewRule>> byTags = new LinkedHashMap<>();
    for (Displaced d : restored) {
      if (!standing.containsKey(d.permission())) {
        byTags
            .computeIfAbsent(d.tags(), t -> new ArrayList<>())
            .add(new Step.NewRule(d.permission(), d.description()));
      }
    }
    byTags.forEach((tags, rules) -> steps.add(authorize(rules, tags)));
    if (!missing.isEmpty()) {
      List<Step.NewRule> rules = new ArrayList<>();
      for (Permission p : missing) {
        Displaced d = wanted.get(p);
        rules.add(new Step.NewRule(p, d == null ? Optional.empty() : d.description()));
      }
      steps.add(authorize(rules, Map.of(OwnTags.MANAGED, OwnTags.REMAINDER)));
    }
    return steps;
  }

  private Step authorize(List<Step.NewRule> rules, Map<String, String> tags) {
    return new Step.Authorize(observed.id(), rules, tags, false);
  }

  private boolean fits(List<Permission> added, List<String> without) {
    return count(added, without, false) <= limits.rulesPerGroup()
        && count(added, without, true) <= limits.rulesPerGroup();
  }

  private int count(List<Permission> added, List<String> without, boolean ipv6) {
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

  private Plan.Refusal overQuota(List<Permission> added, List<String> gone) {
    return new Plan.Refusal(
        ErrorCode.UNSUPPORTED_TARGET,
        "RULE_QUOTA: the lock-down of %s needs %d IPv4 and %d IPv6 rules, its quota is %d each"
            .formatted(
                observed.id(),
                count(added, gone, false),
                count(added, gone, true),
                limits.rulesPerGroup()));
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
