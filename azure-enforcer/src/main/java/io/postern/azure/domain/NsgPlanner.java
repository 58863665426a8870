package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
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
  private final Hops hops;
  private final Ownership ownership;
  private final List<Wanted> denies;
  private final Map<Pack.Key, List<Wanted>> allows;
  private final NsgDraft draft;
  private final GrantRules grants;

  private NsgPlanner(
      RuleSetIntent intent,
      Packed group,
      Hops hops,
      Map<GrantId, String> sharing,
      Ownership ownership,
      boolean packs) {
    this.intent = intent;
    this.hops = hops;
    this.ownership = ownership;
    this.denies =
        intent.machines().stream().flatMap(m -> Wanted.denies(m, ownership).stream()).toList();
    this.allows = allows(intent, ownership);
    this.draft = new NsgDraft(group, ownership);
    this.grants = new GrantRules(draft, ownership, sharing, packs);
  }

  private static Map<Pack.Key, List<Wanted>> allows(RuleSetIntent intent, Ownership ownership) {
    return Pack.byKey(
        intent.machines().stream()
            .flatMap(m -> m.grants().stream().flatMap(g -> Wanted.allows(m, g, ownership).stream()))
            .toList());
  }

  /** For machines that no firewall is before. */
  public static Plan<NsgStep> plan(RuleSetIntent intent, ObservedNsg observed, Marks marks) {
    return plan(intent, observed, Hops.NONE, marks);
  }

  public static Plan<NsgStep> plan(
      RuleSetIntent intent, ObservedNsg observed, Hops hops, Marks marks) {
    if (!observed.exists()) {
      // The next inventory says where the machines' traffic goes now.
      return new Plan<>(Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of());
    }
    Ownership ownership = new Ownership(marks, intent.ruleSet());
    RuleSetIntent behind = hops.behind(intent);
    Map<GrantId, String> sharing = hops.sharing(intent);
    NsgPlanner apart =
        new NsgPlanner(behind, Packed.not(observed), hops, sharing, ownership, false);
    Plan<NsgStep> plan = apart.plan();
    if (apart.draft.withoutRoom() == 0) {
      return plan;
    }
    Packed packed = apart.packed(observed, sharing);
    NsgPlanner together = new NsgPlanner(behind, packed, hops, sharing, ownership, true);
    Plan<NsgStep> denser = together.plan();
    return together.draft.withoutRoom() < apart.draft.withoutRoom() ? denser : plan;
  }

  /** The group in which all grants that may share their rules. */
  private Packed packed(ObservedNsg observed, Map<GrantId, String> sharing) {
    List<List<Wanted>> groups =
        allows.values().stream()
            .filter(group -> isApplicable(group.getFirst()))
            .map(
                group ->
                    group.stream()
                        .filter(w -> !sharing.containsKey(w.grant().orElseThrow().id()))
                        .toList())
            .filter(group -> !group.isEmpty())
            .toList();
    return Packed.of(observed, groups, draft.foreign, ownership);
  }

  private Plan<NsgStep> plan() {
    draft.sortOut(wanted(), lockDownsWithoutAddress());
    intent.machines().forEach(this::withoutAddress);
    Optional<NsgRule> defenders = draft.foreign.stream().filter(Ownership::isDefenders).findFirst();
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
    }
    for (List<Wanted> group : allows.values()) {
      if (defenders.isEmpty() && isApplicable(group.getFirst())) {
        grants.place(group);
      } else {
        grants.retire(group);
      }
    }
    return draft.result();
  }

  private Set<String> wanted() {
    Set<String> names = new HashSet<>();
    denies.forEach(w -> names.add(w.rule().key()));
    allows.forEach(
        (key, group) -> {
          group.forEach(w -> names.add(w.rule().key()));
          names.add(NsgRule.key(ownership.packName(key)));
        });
    return names;
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
      draft.refuse(
          machine.machine(),
          ErrorCode.UNSUPPORTED_TARGET,
          "the machine has no private address to write into a rule");
    }
    for (Grant grant : machine.grants()) {
      if (noAddress) {
        draft.refuse(
            grant,
            ErrorCode.UNSUPPORTED_TARGET,
            "the machine has no private address to write into a rule");
      } else if (Wanted.allows(machine, grant, ownership).isEmpty()) {
        draft.refuse(
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
    machine
        .lock()
        .ifPresent(l -> draft.refuse(machine.machine(), ErrorCode.UNSUPPORTED_TARGET, why));
    machine.grants().forEach(g -> draft.refuse(g, ErrorCode.UNSUPPORTED_TARGET, why));
    draft.keepStanding();
  }

  private void deny(Wanted wanted) {
    List<NsgRule> existing = draft.foreign.stream().filter(wanted.traffic()::mayMeet).toList();
    List<NsgRule> exposing = existing.stream().filter(NsgRule::allows).toList();
    NsgRule stands = draft.standing(wanted.rule().name());
    if (stands != null
        && stands.isRight(wanted.rule())
        && (!wanted.override() || fits(stands, exposing, true))) {
      // Placed once: rules that came later do not get past a lock-down by themselves.
      draft.settledLock(wanted.machine().machine(), stands);
      return;
    }
    if (stands != null && stands.inbound() && fits(stands, exposing, wanted.override())) {
      put(wanted, stands.priority(), stands);
      return;
    }
    Placement placement = draft.placement;
    OptionalInt place = wanted.override() ? placement.before(exposing) : placement.after(existing);
    if (place.isEmpty() && !wanted.override()) {
      // Behind a foreign deny a lock-down adds nothing that it does not add before it.
      place = placement.after(exposing);
    }
    if (place.isPresent()) {
      put(wanted, place.getAsInt(), stands);
    } else {
      unplaceable(wanted, exposing, stands);
    }
  }

  private void put(Wanted wanted, int priority, @Nullable NsgRule stands) {
    MachineId machine = wanted.machine().machine();
    NsgRule rule = wanted.rule().at(priority);
    if (draft.fits(rule, stands)) {
      draft.put(rule, Optional.empty());
      draft.settledLock(machine, rule);
      return;
    }
    if (stands != null) {
      draft.settledLock(machine, stands);
    }
    draft.noRoom(machine, GrantRules.FULL);
  }

  /** Whether a rule lies before, or else behind, all of these. */
  static boolean fits(NsgRule stands, List<NsgRule> exposing, boolean override) {
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
    draft.noRoom(wanted.machine().machine(), "no priority is free " + where);
    if (stands != null) {
      draft.settledLock(wanted.machine().machine(), stands);
    }
  }

  static String closing(NsgRule rule) {
    return "rule %s at priority %d denies the grant's traffic"
        .formatted(rule.name(), rule.priority());
  }
}
