package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The difference between what a group must contain of ours and what it contains. Rules that are not
 * ours are read and never changed. What closes comes before what opens.
 */
public final class NsgPlanner {
  private final RuleSetIntent intent;
  private final ObservedNsg observed;
  private final Hops hops;
  private final Map<GrantId, String> sharing;
  private final Ownership ownership;

  private final Map<String, NsgRule> standing = new HashMap<>();
  private final List<NsgRule> foreign = new ArrayList<>();
  private final Placement placement = new Placement();
  private final Budget budget = new Budget();
  private final Map<MachineId, List<NsgRule>> lockDowns = new HashMap<>();
  private final List<NsgStep> deletes = new ArrayList<>();
  private final List<NsgStep> puts = new ArrayList<>();
  private final Map<GrantId, Plan.Refusal> refusedGrants = new HashMap<>();
  private final Map<MachineId, Plan.Refusal> refusedLocks = new HashMap<>();
  private boolean somethingStays;

  private NsgPlanner(RuleSetIntent intent, ObservedNsg observed, Hops hops, Ownership ownership) {
    this.intent = hops.behind(intent);
    this.observed = observed;
    this.hops = hops;
    this.sharing = hops.sharing(intent);
    this.ownership = ownership;
  }

  /** For machines that no firewall is before. */
  public static Plan<NsgStep> plan(RuleSetIntent intent, ObservedNsg observed, Marks marks) {
    return plan(intent, observed, Hops.NONE, marks);
  }

  public static Plan<NsgStep> plan(
      RuleSetIntent intent, ObservedNsg observed, Hops hops, Marks marks) {
    return new NsgPlanner(intent, observed, hops, new Ownership(marks, intent.ruleSet())).plan();
  }

  private Plan<NsgStep> plan() {
    if (!observed.exists()) {
      // The next inventory says where the machines' traffic goes now.
      return new Plan<>(Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of());
    }
    List<Wanted> denies =
        intent.machines().stream().flatMap(m -> Wanted.denies(m, ownership).stream()).toList();
    List<Wanted> allows =
        intent.machines().stream()
            .flatMap(m -> m.grants().stream().flatMap(g -> Wanted.allows(m, g, ownership).stream()))
            .toList();
    sortOut(denies, allows);
    intent.machines().forEach(this::withoutAddress);
    Optional<NsgRule> defenders = foreign.stream().filter(Ownership::isDefenders).findFirst();
    if (defenders.isPresent()) {
      String why =
          "managed by Defender: rule %s belongs to its just-in-time access"
              .formatted(defenders.get().name());
      intent.machines().forEach(m -> keepOff(m, why));
    } else {
      for (MachineIntent m : intent.machines()) {
        hops.notApplicable(m.machine()).ifPresent(why -> keepOff(m, why));
      }
      denies.stream().filter(this::isApplicable).forEach(this::deny);
      allows.stream().filter(this::isApplicable).forEach(this::allow);
    }
    return result();
  }

  /** Who is foreign, who stands and is still wanted, and who goes. */
  private void sortOut(List<Wanted> denies, List<Wanted> allows) {
    Set<String> names = new HashSet<>();
    Stream.concat(denies.stream(), allows.stream()).forEach(w -> names.add(w.rule().key()));
    Set<String> keptNames = lockDownsWithoutAddress();
    for (NsgRule rule : observed.rules()) {
      if (names.contains(rule.key())) {
        standing.put(rule.key(), rule);
      } else if (keptNames.contains(rule.key())) {
        somethingStays = true;
      } else if (ownership.isOurs(rule)) {
        deletes.add(new NsgStep.DeleteRule(rule.name()));
        continue;
      } else {
        foreign.add(rule);
      }
      placement.take(rule);
      budget.add(rule);
    }
  }

  /** A machine whose address is unknown for a while keeps the lock-down that it has. */
  private Set<String> lockDownsWithoutAddress() {
    Set<String> names = new HashSet<>();
    for (MachineIntent m : intent.machines()) {
      if (m.lock().isPresent() && hasNoAddress(m)) {
        for (Flow flow : Flow.values()) {
          names.add(ownership.denyName(m.machine(), flow).toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }

  private static boolean hasNoAddress(MachineIntent machine) {
    return Stream.of(Flow.values()).allMatch(f -> Wanted.addresses(machine, f).isEmpty());
  }

  private void withoutAddress(MachineIntent machine) {
    boolean noAddress = hasNoAddress(machine);
    if (noAddress && machine.lock().isPresent()) {
      refusedLocks.put(
          machine.machine(),
          refusal(
              ErrorCode.UNSUPPORTED_TARGET,
              "the machine has no private address to write into a rule"));
    }
    for (Grant grant : machine.grants()) {
      if (noAddress) {
        refuse(
            grant,
            ErrorCode.UNSUPPORTED_TARGET,
            "the machine has no private address to write into a rule");
      } else if (Wanted.allows(machine, grant, ownership).isEmpty()) {
        refuse(
            grant,
            ErrorCode.UNSUPPORTED_TARGET,
            "the machine has no address of the family of the grant's sources");
      }
    }
  }

  private boolean isApplicable(Wanted wanted) {
    return hops.notApplicable(wanted.machine().machine()).isEmpty();
  }

  private void keepOff(MachineIntent machine, String why) {
    Plan.Refusal refusal = refusal(ErrorCode.UNSUPPORTED_TARGET, why);
    machine.lock().ifPresent(l -> refusedLocks.put(machine.machine(), refusal));
    machine.grants().forEach(g -> refusedGrants.put(g.id(), refusal));
    somethingStays |= !standing.isEmpty();
  }

  private void deny(Wanted wanted) {
    List<NsgRule> existing = foreign.stream().filter(wanted.traffic()::mayMeet).toList();
    List<NsgRule> exposing = existing.stream().filter(NsgRule::allows).toList();
    NsgRule stands = standing.get(wanted.rule().key());
    if (stands != null
        && isRight(stands, wanted)
        && (!wanted.override() || fits(stands, exposing, true))) {
      // Placed once: rules that came later do not get past a lock-down by themselves.
      settled(wanted, stands);
      return;
    }
    if (stands != null && stands.inbound() && fits(stands, exposing, wanted.override())) {
      put(wanted, stands.priority());
      return;
    }
    OptionalInt place = wanted.override() ? placement.before(exposing) : placement.after(existing);
    if (place.isEmpty() && !wanted.override()) {
      // Behind a foreign deny a lock-down adds nothing that it does not add before it.
      place = placement.after(exposing);
    }
    if (place.isPresent()) {
      put(wanted, place.getAsInt());
    } else {
      unplaceable(wanted, exposing, stands);
    }
  }

  private static boolean fits(NsgRule stands, List<NsgRule> exposing, boolean override) {
    int at = stands.priority();
    return exposing.stream().allMatch(r -> override ? at < r.priority() : at > r.priority());
  }

  private void unplaceable(Wanted wanted, List<NsgRule> exposing, @Nullable NsgRule stands) {
    Optional<NsgRule> inTheWay =
        wanted.override() ? Placement.first(exposing) : Placement.last(exposing);
    String where =
        inTheWay
            .map(
                r ->
                    "%s rule %s at priority %d"
                        .formatted(wanted.override() ? "before" : "after", r.name(), r.priority()))
            .orElse("for the lock-down");
    refusedLocks.put(
        wanted.machine().machine(), refusal(ErrorCode.CONFLICT, "no priority is free " + where));
    if (stands != null) {
      settled(wanted, stands);
    }
  }

  private void allow(Wanted wanted) {
    Grant grant = wanted.grant().orElseThrow();
    NsgRule stands = standing.get(wanted.rule().key());
    String sharers = sharing.get(grant.id());
    if (sharers != null) {
      refuse(grant, ErrorCode.CONFLICT, sharers);
      drop(stands);
      return;
    }
    List<NsgRule> ours = lockDowns.getOrDefault(wanted.machine().machine(), List.of());
    if (stands != null && isRight(stands, wanted)) {
      Optional<NsgRule> over = denyBefore(wanted, stands);
      if (over.isPresent()) {
        // Somebody put it there while the grant ran: they mean it.
        refuse(grant, ErrorCode.CONFLICT, closing(over.get()));
        somethingStays = true;
        return;
      }
    }
    boolean beforeOurs = stands != null && stands.inbound() && fits(stands, ours, true);
    if (stands != null && beforeOurs && isRight(stands, wanted)) {
      settled(wanted, stands);
      return;
    }
    List<NsgRule> denying =
        Stream.concat(
                ours.stream(),
                foreign.stream().filter(r -> !r.allows()).filter(wanted.traffic()::mayMeet))
            .toList();
    if (stands != null && stands.inbound() && fits(stands, denying, true)) {
      put(wanted, stands.priority());
      return;
    }
    Optional<NsgRule> first = Placement.first(denying);
    OptionalInt place =
        placement.allowBefore(first.map(NsgRule::priority).orElse(Placement.LOCK_DOWN));
    if (place.isPresent()) {
      put(wanted, place.getAsInt());
    } else {
      refuse(
          grant,
          ErrorCode.CONFLICT,
          first
              .filter(r -> r.priority() <= Placement.LOCK_DOWN)
              .map(
                  r -> "no priority is free before rule %s at %d".formatted(r.name(), r.priority()))
              .orElse("all priorities from 100 to 999 are taken"));
      drop(stands);
    }
  }

  private Optional<NsgRule> denyBefore(Wanted wanted, NsgRule stands) {
    return foreign.stream()
        .filter(r -> !r.allows() && r.priority() < stands.priority())
        .filter(wanted.traffic()::surelyMeets)
        .findFirst();
  }

  static String closing(NsgRule rule) {
    return "rule %s at priority %d denies the grant's traffic"
        .formatted(rule.name(), rule.priority());
  }

  private void drop(@Nullable NsgRule stands) {
    if (stands != null) {
      deletes.add(new NsgStep.DeleteRule(stands.name()));
    }
  }

  private static boolean isRight(NsgRule stands, Wanted wanted) {
    return stands.state() != NsgRule.State.BROKEN
        && stands.content().equals(wanted.rule().content())
        && stands.description().equals(wanted.rule().description());
  }

  private void settled(Wanted wanted, NsgRule rule) {
    somethingStays = true;
    if (wanted.grant().isEmpty()) {
      lockDowns.computeIfAbsent(wanted.machine().machine(), m -> new ArrayList<>()).add(rule);
    }
  }

  private void put(Wanted wanted, int priority) {
    NsgRule rule = wanted.rule().at(priority);
    NsgRule stands = standing.get(rule.key());
    if (stands != null) {
      budget.remove(stands);
    }
    budget.add(rule);
    if (budget.isExceeded()) {
      budget.remove(rule);
      if (stands != null && wanted.grant().isEmpty()) {
        budget.add(stands);
        settled(wanted, stands);
      } else {
        drop(stands);
      }
      tooLarge(wanted);
      return;
    }
    if (stands != null && stands.inbound()) {
      placement.free(stands.priority(), stands.name());
    }
    placement.take(rule);
    puts.add(new NsgStep.PutRule(rule));
    settled(wanted, rule);
  }

  private void tooLarge(Wanted wanted) {
    String why =
        "the network security group is full: Azure allows %d rules and %d addresses or ports"
            .formatted(Budget.MAX_RULES, Budget.MAX_VALUES);
    wanted
        .grant()
        .ifPresentOrElse(
            g -> refuse(g, ErrorCode.CONFLICT, why),
            () -> refusedLocks.put(wanted.machine().machine(), refusal(ErrorCode.CONFLICT, why)));
  }

  private void refuse(Grant grant, ErrorCode code, String message) {
    refusedGrants.put(grant.id(), refusal(code, message));
  }

  private static Plan.Refusal refusal(ErrorCode code, String message) {
    return new Plan.Refusal(code, message);
  }

  private Plan<NsgStep> result() {
    List<NsgStep> steps = new ArrayList<>(deletes);
    puts.stream().filter(s -> !s.opens()).forEach(steps::add);
    puts.stream().filter(NsgStep::opens).forEach(steps::add);
    Optional<RestorePoint> after =
        somethingStays ? Optional.of(RestorePoint.NOTHING) : Optional.empty();
    return new Plan<>(
        steps.isEmpty() ? after : Optional.of(RestorePoint.NOTHING),
        steps,
        after,
        refusedGrants,
        refusedLocks);
  }
}
