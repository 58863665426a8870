package io.postern.enforcement.kafka;

import io.postern.enforcement.ScopeInputs;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.log.Freshness;
import io.postern.log.PoisonException;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the log says of one scope. A grant that is over stays so: its lease as it ran, put there
 * again by somebody, opens nothing.
 */
final class ScopeTable implements ScopeInputs {
  /** After so long no lease runs any more, whatever it says. */
  private static final Duration LONGEST = Duration.ofHours(48);

  private static final int MOST_CAUSES = 100_000;
  private static final int LOOKED_OVER_AFTER = 1_000;

  private final Supplier<Collection<Policy>> policies;
  private final Map<GrantId, Grant> grants = new HashMap<>();
  // Kept a little longer than the grant: the report of its close comes after the tombstone.
  private final Map<GrantId, String> causes =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<GrantId, String> eldest) {
          return size() > MOST_CAUSES;
        }
      };
  private final Map<GrantId, Instant> expired = new HashMap<>();
  // Grants that are over, each until its lease could not run any more.
  private final Map<GrantId, Instant> over = new HashMap<>();
  private final Map<RuleSetId, RestorePoint> restorePoints = new HashMap<>();
  private final Freshness freshness = new Freshness();
  private int changes;

  ScopeTable(Supplier<Collection<Policy>> policies) {
    this.policies = policies;
  }

  /** Takes a lease; false for one that runs although it is over, which changes nothing. */
  synchronized boolean put(Grant grant, Instant now) {
    if (grant.endedFor().isPresent()) {
      isOver(grant.id(), grant.expiresAt(), now);
    } else if (over.containsKey(grant.id())) {
      return false;
    }
    grants.put(grant.id(), officially(grant));
    return true;
  }

  /** What the grant followed from; where a later lease says nothing, the former is right. */
  synchronized void causedBy(GrantId grant, Optional<String> trace) {
    trace.ifPresent(t -> causes.put(grant, t));
  }

  @Override
  public synchronized boolean knowsCauses() {
    return !causes.isEmpty();
  }

  @Override
  public synchronized Optional<String> causeOf(GrantId grant) {
    return Optional.ofNullable(causes.get(grant));
  }

  private Grant officially(Grant grant) {
    Instant end = expired.get(grant.id());
    return end == null || end.isBefore(grant.expiresAt()) || grant.endedFor().isPresent()
        ? grant
        : grant.ended(Grant.End.EXPIRED);
  }

  private void isOver(GrantId id, Instant until, Instant now) {
    over.merge(id, until, (a, b) -> a.isAfter(b) ? a : b);
    if (++changes % LOOKED_OVER_AFTER == 0) {
      over.values().removeIf(u -> u.isBefore(now.minus(LONGEST)));
    }
  }

  /** Removes a grant whose lease is a tombstone; its machine, if the grant was known. */
  synchronized Optional<MachineId> remove(GrantId id, Instant now) {
    expired.remove(id);
    Optional<Grant> known = Optional.ofNullable(grants.remove(id));
    isOver(id, known.map(Grant::expiresAt).orElse(now.plus(LONGEST)), now);
    return known.map(Grant::machine);
  }

  /**
   * The grant's time is officially up at this end, whatever our clock says; may come before the
   * lease itself. An end that an extension has moved since means nothing.
   */
  synchronized void expire(GrantId id, Instant end) {
    expired.merge(id, end, (a, b) -> a.isAfter(b) ? a : b);
    grants.computeIfPresent(id, (i, grant) -> officially(grant));
  }

  /**
   * Takes a restore point that was read, or that there is none.
   *
   * @throws PoisonException when it was signed before the one that stands
   */
  synchronized void put(RuleSetId ruleSet, Optional<RestorePoint> restorePoint, Instant signedAt)
      throws PoisonException {
    freshness.replace(ruleSet.value(), signedAt, restorePoint.isEmpty());
    put(ruleSet, restorePoint);
  }

  /** Takes one of our own. */
  synchronized void put(RuleSetId ruleSet, Optional<RestorePoint> restorePoint) {
    restorePoint.ifPresentOrElse(
        r -> restorePoints.put(ruleSet, r), () -> restorePoints.remove(ruleSet));
  }

  @Override
  public Collection<Policy> policies() {
    return policies.get();
  }

  @Override
  public synchronized List<Grant> grants() {
    return List.copyOf(grants.values());
  }

  @Override
  public synchronized List<Grant> grantsOf(MachineId machine) {
    return grants.values().stream().filter(g -> g.machine().equals(machine)).toList();
  }

  @Override
  public synchronized Optional<RestorePoint> restorePoint(RuleSetId ruleSet) {
    return Optional.ofNullable(restorePoints.get(ruleSet));
  }

  @Override
  public synchronized Set<RuleSetId> recordedRuleSets() {
    return Set.copyOf(restorePoints.keySet());
  }
}
