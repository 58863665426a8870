package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Places the rules of grants: one for each, or one for several of the same ports where rules run
 * short. A grant stays where it is placed: it gets a rule of its own again only in a group with
 * ample room, and never while it runs.
 */
final class GrantRules {
  /** With so many free places a new grant gets a rule of its own although others share one. */
  static final int AMPLE = 100;

  static final String FULL =
      "the network security group is full: Azure allows %d rules and %d addresses or ports"
          .formatted(Budget.MAX_RULES, Budget.MAX_VALUES);

  private final NsgDraft draft;
  private final Ownership ownership;
  private final Map<GrantId, String> sharing;
  private final boolean packs;

  /**
   * @param sharing grants that would let in others than their sources, and why
   * @param packs whether rules run short
   */
  GrantRules(NsgDraft draft, Ownership ownership, Map<GrantId, String> sharing, boolean packs) {
    this.draft = draft;
    this.ownership = ownership;
    this.sharing = sharing;
    this.packs = packs;
  }

  /**
   * Places grants that can share a rule.
   *
   * @param all at least one
   */
  void place(List<Wanted> all) {
    List<Wanted> members = new ArrayList<>();
    for (Wanted w : all) {
      if (!isRefusedForSharers(w)) {
        members.add(w);
      }
    }
    NsgRule pack = draft.standing(ownership.packName(Pack.Key.of(all.getFirst())));
    List<Cidr> named = pack == null ? List.of() : Pack.networks(pack);
    List<Wanted> held = new ArrayList<>();
    List<Wanted> fresh = new ArrayList<>();
    for (Wanted w : members) {
      if (draft.standing(w.rule().name()) != null) {
        own(w);
      } else {
        (Pack.holds(named, w) ? held : fresh).add(w);
      }
    }
    if (pack == null && !(packs && fresh.size() > 1)) {
      fresh.forEach(this::own);
    } else {
      shared(pack, held, fresh);
    }
  }

  /** Takes away what no grant wants, where nothing else may be written. */
  void retire(List<Wanted> members) {
    NsgRule pack = draft.standing(ownership.packName(Pack.Key.of(members.getFirst())));
    if (pack == null) {
      return;
    }
    Pack.less(pack, members, ownership)
        .ifPresent(
            less -> {
              if (less instanceof NsgStep.PutRule put) {
                draft.put(put.rule(), Optional.of(put));
              } else {
                draft.drop(pack);
              }
            });
  }

  private boolean isRefusedForSharers(Wanted wanted) {
    Grant grant = wanted.grant().orElseThrow();
    String sharers = sharing.get(grant.id());
    if (sharers == null) {
      return false;
    }
    draft.refuse(grant, ErrorCode.CONFLICT, sharers);
    draft.drop(draft.standing(wanted.rule().name()));
    return true;
  }

  private void shared(@Nullable NsgRule pack, List<Wanted> members, List<Wanted> fresh) {
    List<Wanted> held = new ArrayList<>(members);
    boolean stays =
        pack != null
            && pack.inbound()
            && !held.isEmpty()
            && NsgPlanner.fits(pack, ours(held.getFirst()), true);
    for (Wanted w : members) {
      Optional<NsgRule> over = pack == null ? Optional.empty() : denyBefore(w, pack);
      over.ifPresent(deny -> refuseFor(w, deny));
      if (over.isPresent() && !stays) {
        held.remove(w);
      }
    }
    List<Wanted> first = held.isEmpty() ? fresh.stream().limit(1).toList() : held;
    OptionalInt place = pack != null && stays ? OptionalInt.of(pack.priority()) : freePlace(first);
    if (first.isEmpty() || place.isEmpty()) {
      Stream.concat(held.stream(), fresh.stream()).forEach(this::noPlace);
      draft.drop(pack);
      return;
    }
    List<Wanted> in = joined(pack, place.getAsInt(), held, fresh);
    if (in.isEmpty()) {
      draft.drop(pack);
    } else {
      write(pack, Pack.rule(in, ownership).at(place.getAsInt()), in);
    }
    fresh.stream().filter(w -> !in.contains(w)).forEach(this::own);
  }

  private void write(@Nullable NsgRule pack, NsgRule rule, List<Wanted> in) {
    boolean stands =
        pack != null
            && pack.isRight(rule)
            && pack.priority() == rule.priority()
            && !draft.packed().isMade(pack);
    if (stands) {
      draft.settled();
    } else {
      draft.put(
          rule, draft.packed().really(rule).flatMap(really -> Pack.less(really, in, ownership)));
    }
  }

  /** Who is in the shared rule at this place: who was, and of the others those who fit. */
  private List<Wanted> joined(
      @Nullable NsgRule pack, int place, List<Wanted> held, List<Wanted> fresh) {
    List<Wanted> could =
        fresh.stream().filter(w -> limit(List.of(w)) > place && !hasAmpleRoom(w)).toList();
    List<Wanted> in = new ArrayList<>(held);
    in.addAll(could);
    if (in.isEmpty() || draft.fits(Pack.rule(in, ownership), pack)) {
      return in;
    }
    in.removeAll(could);
    for (Wanted w : could) {
      in.add(w);
      if (!draft.fits(Pack.rule(in, ownership), pack)) {
        in.removeLast();
      }
    }
    return in;
  }

  private boolean hasAmpleRoom(Wanted wanted) {
    return !packs
        && Math.min(draft.budget.rulesLeft(), draft.placement.freeBefore(limit(List.of(wanted))))
            >= AMPLE;
  }

  private void own(Wanted wanted) {
    NsgRule stands = draft.standing(wanted.rule().name());
    if (stands != null && stands.isRight(wanted.rule())) {
      Optional<NsgRule> over = denyBefore(wanted, stands);
      if (over.isPresent()) {
        // Somebody put it there while the grant ran: they mean it.
        refuseFor(wanted, over.get());
        draft.settled();
        return;
      }
      if (stands.inbound() && NsgPlanner.fits(stands, ours(wanted), true)) {
        draft.settled();
        return;
      }
    }
    if (stands != null && stands.inbound() && NsgPlanner.fits(stands, denying(wanted), true)) {
      put(wanted, stands.priority(), stands);
      return;
    }
    OptionalInt place = freePlace(List.of(wanted));
    if (place.isPresent()) {
      put(wanted, place.getAsInt(), stands);
    } else {
      noPlace(wanted);
      draft.drop(stands);
    }
  }

  private void put(Wanted wanted, int priority, @Nullable NsgRule stands) {
    NsgRule rule = wanted.rule().at(priority);
    if (draft.fits(rule, stands)) {
      draft.put(rule, Optional.empty());
    } else {
      draft.drop(stands);
      draft.noRoom(wanted.grant().orElseThrow(), FULL);
    }
  }

  private List<NsgRule> ours(Wanted wanted) {
    return draft.lockDowns(wanted.machine().machine());
  }

  private List<NsgRule> denying(Wanted wanted) {
    return Stream.concat(
            ours(wanted).stream(),
            draft.foreign.stream().filter(r -> !r.allows()).filter(wanted.traffic()::mayMeet))
        .toList();
  }

  /** The priority before which these must lie. */
  private int limit(List<Wanted> wanted) {
    return inTheWay(wanted).map(NsgRule::priority).orElse(Placement.LOCK_DOWN);
  }

  private Optional<NsgRule> inTheWay(List<Wanted> wanted) {
    return Placement.first(wanted.stream().flatMap(w -> denying(w).stream()).toList());
  }

  private OptionalInt freePlace(List<Wanted> wanted) {
    return draft.placement.allowBefore(limit(wanted));
  }

  private Optional<NsgRule> denyBefore(Wanted wanted, NsgRule stands) {
    return draft.foreign.stream()
        .filter(r -> !r.allows() && r.priority() < stands.priority())
        .filter(wanted.traffic()::surelyMeets)
        .findFirst();
  }

  private void refuseFor(Wanted wanted, NsgRule deny) {
    draft.refuse(wanted.grant().orElseThrow(), ErrorCode.CONFLICT, NsgPlanner.closing(deny));
  }

  private void noPlace(Wanted wanted) {
    draft.noRoom(
        wanted.grant().orElseThrow(),
        inTheWay(List.of(wanted))
            .filter(r -> r.priority() <= Placement.LOCK_DOWN)
            .map(r -> "no priority is free before rule %s at %d".formatted(r.name(), r.priority()))
            .orElse("all priorities from 100 to 999 are taken"));
  }
}
