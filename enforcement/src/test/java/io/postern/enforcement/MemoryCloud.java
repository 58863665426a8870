package io.postern.enforcement;

import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Severity;
import io.postern.enforcement.exposure.Verdict;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The smallest cloud that can be locked, opened and closed; a rule is a word. */
final class MemoryCloud implements CloudAdapter<Set<String>, String> {
  final Map<RuleSetId, Set<String>> rules = new ConcurrentHashMap<>();
  final List<String> writes = new CopyOnWriteArrayList<>();
  volatile List<MachineFacts> machines = List.of();

  /** What happens before a step; an empty outcome lets it happen. */
  volatile Function<String, Optional<Outcome>> fault = step -> Optional.empty();

  volatile boolean refusesGrants;

  /** Whether rules in other words than ours are let alone. */
  volatile boolean ignoresForeign;

  /** Ways around all rule sets. */
  volatile List<Report.RuleSetBypass> unfiltered = List.of();

  /** The scan that lacks the first machine, counted from 1. */
  volatile int lacking;

  volatile Duration foldingPause = Duration.ZERO;

  /** Looks that were said to close something. */
  final AtomicInteger urgent = new AtomicInteger();

  final AtomicInteger scans = new AtomicInteger();
  final AtomicInteger looks = new AtomicInteger();
  final Set<RuleSetId> lookedAt = ConcurrentHashMap.newKeySet();

  @Override
  public List<MachineFacts> inventory(Scope scope) throws CloudException {
    return scans.incrementAndGet() == lacking ? machines.subList(1, machines.size()) : machines;
  }

  @Override
  public Set<String> observe(RuleSetIntent intent) {
    looks.incrementAndGet();
    lookedAt.add(intent.ruleSet());
    return Set.copyOf(rules.getOrDefault(intent.ruleSet(), Set.of()));
  }

  @Override
  public Set<String> observe(RuleSetIntent intent, boolean closes) {
    if (closes) {
      urgent.incrementAndGet();
    }
    return observe(intent);
  }

  @Override
  public Duration foldingPause(RuleSetId ruleSet) {
    return foldingPause;
  }

  @Override
  public Plan<String> plan(RuleSetIntent intent, Set<String> observed) {
    Set<String> wanted = new TreeSet<>();
    Map<GrantId, Plan.Refusal> refused = new HashMap<>();
    for (MachineIntent m : intent.machines()) {
      m.lock().ifPresent(l -> wanted.add("lock " + m.machine()));
      for (Grant g : m.grants()) {
        if (refusesGrants) {
          refused.put(g.id(), new Plan.Refusal(ErrorCode.UNSUPPORTED_TARGET, "no room"));
        } else {
          wanted.add("allow " + g.id());
        }
      }
    }
    List<String> steps = new ArrayList<>();
    new TreeSet<>(observed)
        .stream()
            .filter(r -> !wanted.contains(r))
            .filter(r -> !ignoresForeign || r.startsWith("lock ") || r.startsWith("allow "))
            .forEach(r -> steps.add("-" + r));
    wanted.stream().filter(r -> !observed.contains(r)).forEach(r -> steps.add("+" + r));
    Optional<RestorePoint> any =
        wanted.isEmpty() && observed.isEmpty()
            ? Optional.empty()
            : Optional.of(RestorePoint.NOTHING);
    return new Plan<>(
        any,
        steps,
        wanted.isEmpty() ? Optional.empty() : Optional.of(RestorePoint.NOTHING),
        refused,
        Map.of());
  }

  @Override
  public boolean onlyAdds(List<String> steps) {
    return steps.stream().allMatch(s -> s.startsWith("+allow "));
  }

  /** Refuses what was planned from anything but what is there now, as an ETag does. */
  @Override
  public Outcome apply(RuleSetIntent intent, Set<String> observed, List<String> steps) {
    if (!observed.equals(rules.getOrDefault(intent.ruleSet(), Set.of()))) {
      return new Outcome.Deferred(ErrorCode.CONFLICT, "changed meanwhile", Duration.ofHours(1));
    }
    for (String step : steps) {
      Optional<Outcome> struck = fault.apply(step);
      if (struck.isPresent()) {
        return struck.get();
      }
      Set<String> now = new HashSet<>(rules.getOrDefault(intent.ruleSet(), Set.of()));
      if (step.startsWith("+")) {
        now.add(step.substring(1));
      } else {
        now.remove(step.substring(1));
      }
      rules.put(intent.ruleSet(), now);
      writes.add(intent.ruleSet() + " " + step);
    }
    return new Outcome.Applied();
  }

  /** By its first rule set: locked, or open to the world. */
  @Override
  public Posture posture(MachineIntent machine) {
    boolean locked =
        rules
            .getOrDefault(machine.facts().ruleSets().getFirst(), Set.of())
            .contains("lock " + machine.machine());
    return new Posture(
        Mode.STRICT,
        locked
            ? Verdict.healthy(Verdict.Reason.LOCKED, "locked")
            : Verdict.unhealthy(Verdict.Reason.OPEN_TO_THE_WORLD, "open"),
        locked ? Severity.NONE : Severity.CRITICAL,
        Optional.empty(),
        List.of(),
        List.of());
  }

  @Override
  public Assessment assess(RuleSetIntent intent, Set<String> observed) {
    Set<GrantId> satisfied = new HashSet<>();
    Set<GrantId> present = new HashSet<>();
    Map<MachineId, List<Assessment.Bypass>> locked = new HashMap<>();
    Set<MachineId> touched = new HashSet<>();
    observed.stream()
        .filter(r -> r.startsWith("allow "))
        .forEach(r -> present.add(GrantId.parse(r.substring(6))));
    for (MachineIntent m : intent.machines()) {
      m.grants().stream().map(Grant::id).filter(present::contains).forEach(satisfied::add);
      if (observed.contains("lock " + m.machine())) {
        touched.add(m.machine());
        locked.put(m.machine(), List.of());
      }
    }
    return new Assessment(satisfied, present, locked, touched, observed.contains("nameless"));
  }

  @Override
  public List<Report.RuleSetBypass> unfiltered(MachineId machine) {
    return unfiltered;
  }

  @Override
  public Map<String, String> describe(Set<String> observed) {
    Map<String, String> words = new HashMap<>();
    observed.forEach(r -> words.put(r, "stands"));
    return words;
  }

  @Override
  public List<String> explain(Set<String> observed, List<String> steps) {
    return steps;
  }

  @Override
  public String establishedConnections() {
    return "";
  }

  @Override
  public String lockdownNotice() {
    return "";
  }
}
