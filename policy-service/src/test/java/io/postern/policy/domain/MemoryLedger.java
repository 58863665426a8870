package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A ledger in memory, and everything that was said. */
final class MemoryLedger implements Ledger {
  private final Map<GrantId, Standing> standing = new HashMap<>();
  private final Map<GrantId, Pending> pending = new HashMap<>();
  private final Map<GrantId, Unreviewed> unreviewed = new HashMap<>();
  private final Map<GrantId, Grant> grants = new HashMap<>();
  private final Set<String> answered = new HashSet<>();
  private final List<Outcome> said = new ArrayList<>();

  void apply(List<Outcome> outcomes) {
    outcomes.forEach(this::apply);
  }

  private void apply(Outcome outcome) {
    said.add(outcome);
    switch (outcome) {
      case Outcome.Granted g -> {
        taken(g.request().grantId(), Standing.TAKEN);
        put(g.grant());
      }
      case Outcome.Denied d ->
          taken(d.request().grantId(), d.isTimeOut() ? Standing.TIMED_OUT : Standing.TAKEN);
      case Outcome.Waits w -> {
        taken(w.pending().request().grantId(), Standing.TAKEN);
        pending.put(w.pending().request().grantId(), w.pending());
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
    standing.put(id, how);
  }

  private void put(Grant grant) {
    if (grant.isOver()) {
      grants.remove(grant.id());
    } else {
      grants.put(grant.id(), grant);
    }
  }

  private static String key(Wish wish) {
    return wish.eventId() + wish.grant();
  }

  /** Everything that was said so far, without what only the ledger needs. */
  List<Outcome> said() {
    return said.stream().filter(o -> !(o instanceof Outcome.Answered)).toList();
  }

  List<Pending> waiting() {
    return List.copyOf(pending.values());
  }

  List<Pending> due(Instant now) {
    return pending.values().stream().filter(p -> !p.timesOutAt().isAfter(now)).toList();
  }

  List<Grant> all() {
    return List.copyOf(grants.values());
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
    return Optional.ofNullable(grants.get(id));
  }

  @Override
  public List<Grant> running(MachineId machine) {
    return grants.values().stream()
        .filter(g -> g.machine().equals(machine) && g.isRunning())
        .toList();
  }
}
