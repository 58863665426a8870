package io.postern.enforcement.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How often each live grant of a rule set was closed by a foreign hand. Not for several threads.
 */
final class Fights {
  private final DriftLimits limits;
  private final Map<GrantId, Deque<Instant>> closings = new HashMap<>();
  private final Set<GrantId> givenUp = new HashSet<>();

  Fights(DriftLimits limits) {
    this.limits = limits;
  }

  /** A foreign hand closed the grant; whether that was once too often. */
  boolean closed(GrantId grant, Instant now) {
    Deque<Instant> recent = closings.computeIfAbsent(grant, g -> new ArrayDeque<>());
    recent.removeIf(t -> t.plus(limits.within()).isBefore(now));
    recent.add(now);
    return recent.size() > limits.reopenings() && givenUp.add(grant);
  }

  boolean isGivenUp(GrantId grant) {
    return givenUp.contains(grant);
  }

  Set<GrantId> givenUp() {
    return Set.copyOf(givenUp);
  }

  Plan.Refusal refusal() {
    return new Plan.Refusal(
        ErrorCode.CONFLICT,
        limits.reopenings() == 0
            ? "somebody else closed it, and grants that others close are not opened again"
            : "somebody else closed it more than %d times within %s: it stays closed"
                .formatted(limits.reopenings(), limits.within()));
  }

  /** Forgets grants that are over. */
  void retain(Set<GrantId> live) {
    closings.keySet().retainAll(live);
    givenUp.retainAll(live);
  }
}
