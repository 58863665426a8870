package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A ledger of all machines in memory. For one thread. */
class MemoryLedger implements Ledger {
  private final Map<GrantId, Standing> standing = new HashMap<>();
  final Map<GrantId, Pending> pending = new HashMap<>();
  private final Map<GrantId, Unreviewed> unreviewed = new HashMap<>();
  final Map<MachineId, Map<GrantId, Grant>> grants = new HashMap<>();
  private final UsageIndex usage = new UsageIndex();
  final Map<GrantId, Held> held = new HashMap<>();
  private final Map<GrantId, String> withdrawn = new HashMap<>();
  private final Map<GrantId, Ballot> votes = new HashMap<>();
  final Map<RequestId, Map<MachineId, Ballot>> tallies = new HashMap<>();
  private final Map<RequestId, Settlement> settlements = new HashMap<>();
  private final List<Ballot> onTheWay = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private final Set<String> answered = new HashSet<>();

  /** A machine that is to hear of a settlement. */
  record Told(MachineId machine, Settlement settlement) {}

  /** Remembers what follows from something that happened at an instant. */
  void apply(List<Outcome> outcomes, Instant now) {
    outcomes.forEach(o -> apply(o, now));
  }

  /** Forgets requests that no quota counts any more. */
  void forgetAskedUntil(Instant until) {
    usage.forgetUntil(until);
  }

  /** Counts somebody's asking under a policy. */
  void asked(GrantId id, PolicyId policy, Owner owner, Instant now) {
    usage.asked(id, policy, owner, now);
  }

  private void asked(AccessRequest r, PolicyId policy, Instant now) {
    asked(r.grantId(), policy, Owner.of(r.requestor()), now);
  }

  private void apply(Outcome outcome, Instant now) {
    switch (outcome) {
      case Outcome.Granted g -> {
        taken(g.request().grantId(), Standing.TAKEN);
        asked(g.request(), g.decision().policy(), now);
        put(g.grant());
      }
      case Outcome.Denied d ->
          taken(d.request().grantId(), d.isTimeOut() ? Standing.TIMED_OUT : Standing.TAKEN);
      case Outcome.Waits w -> {
        taken(w.pending().request().grantId(), Standing.TAKEN);
        pending.put(w.pending().request().grantId(), w.pending());
        asked(w.pending().request(), w.pending().policy(), now);
      }
      case Outcome.Holds h -> {
        AccessRequest r = h.held().request();
        taken(r.grantId(), Standing.TAKEN);
        held.put(r.grantId(), h.held());
        usage.opened(r.grantId(), h.held().policy(), Owner.of(r.requestor()));
        asked(r, h.held().policy(), now);
      }
      case Outcome.Withdrawn w -> withdrawn.put(w.held().request().grantId(), w.by());
      case Outcome.Votes v -> {
        if (held.containsKey(v.ballot().grantId())) {
          votes.put(v.ballot().grantId(), v.ballot());
        }
        onTheWay.add(v.ballot());
      }
      case Outcome.Tallied t ->
          tallies
              .computeIfAbsent(t.ballot().request(), k -> new HashMap<>())
              .put(t.ballot().machine(), t.ballot());
      case Outcome.Settles s -> {
        settlements.put(s.settlement().request(), s.settlement());
        tallies.remove(s.settlement().request());
        s.machines().forEach(m -> told.add(new Told(m, s.settlement())));
      }
      case Outcome.Ended e -> put(e.grant());
      case Outcome.Extended e -> put(e.grant());
      case Outcome.BreakGlassUsed b -> unreviewed.put(b.use().grant(), b.use());
      case Outcome.Reviewed r -> unreviewed.remove(r.use().grant());
      case Outcome.Noted n -> put(n.grant());
      case Outcome.Refused r -> {}
      case Outcome.Answered a -> answered.add(key(a.wish()));
    }
  }

  private void taken(GrantId id, Standing how) {
    pending.remove(id);
    votes.remove(id);
    withdrawn.remove(id);
    if (held.remove(id) != null) {
      usage.ended(id);
    }
    standing.put(id, how);
  }

  private void put(Grant grant) {
    if (grant.isRunning()) {
      usage.opened(grant.id(), grant.policy(), grant.owner());
    } else {
      usage.ended(grant.id());
    }
    Map<GrantId, Grant> there = grants.computeIfAbsent(grant.machine(), m -> new HashMap<>());
    if (grant.isOver()) {
      there.remove(grant.id());
    } else {
      there.put(grant.id(), grant);
    }
  }

  private static String key(Wish wish) {
    return wish.eventId() + wish.grant();
  }

  /** Takes out the ballots that nobody has counted. */
  List<Ballot> takeBallots() {
    List<Ballot> all = List.copyOf(onTheWay);
    onTheWay.clear();
    return all;
  }

  /** Takes out the settlements that nobody has heard of. */
  List<Told> takeTold() {
    List<Told> all = List.copyOf(told);
    told.clear();
    return all;
  }

  @Override
  public Usage usage() {
    return usage;
  }

  @Override
  public Optional<Held> held(MachineId machine, GrantId id) {
    return Optional.ofNullable(held.get(id));
  }

  @Override
  public Optional<String> withdrawnBy(MachineId machine, GrantId id) {
    return Optional.ofNullable(withdrawn.get(id));
  }

  @Override
  public Optional<Ballot> ballot(MachineId machine, GrantId id) {
    return Optional.ofNullable(votes.get(id));
  }

  @Override
  public Map<MachineId, Ballot> ballots(RequestId request) {
    return Map.copyOf(tallies.getOrDefault(request, Map.of()));
  }

  @Override
  public Optional<Settlement> settlement(RequestId request) {
    return Optional.ofNullable(settlements.get(request));
  }

  @Override
  public Standing standing(MachineId machine, GrantId id) {
    return standing.getOrDefault(id, Standing.UNKNOWN);
  }

  @Override
  public boolean isAnswered(Wish wish) {
    return answered.contains(key(wish));
  }

  @Override
  public Optional<Unreviewed> unreviewed(MachineId machine, GrantId id) {
    return Optional.ofNullable(unreviewed.get(id));
  }

  @Override
  public Optional<Pending> pending(MachineId machine, GrantId id) {
    return Optional.ofNullable(pending.get(id));
  }

  @Override
  public Optional<Grant> grant(MachineId machine, GrantId id) {
    return Optional.ofNullable(grants.getOrDefault(machine, Map.of()).get(id));
  }

  @Override
  public List<Grant> running(MachineId machine, Owner owner) {
    return grants.getOrDefault(machine, Map.of()).values().stream()
        .filter(g -> g.isRunning() && g.owner().equals(owner))
        .toList();
  }
}
