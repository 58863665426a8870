package io.postern.expiry.domain;

import io.postern.model.GrantId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The grants whose end is still to be made official. Correct for every order of what it is told: an
 * expiration may come before its lease, a lease twice. Not safe for use by several threads.
 */
public final class Deadlines {
  private final Map<GrantId, Deadline> running = new HashMap<>();
  private final Set<GrantId> expired = new HashSet<>();

  /** What to do about a grant whose timer rang. */
  public sealed interface Verdict {
    /** Make it official now. */
    record Fire(Deadline deadline) implements Verdict {}

    /** Its end moved, or the timer rang early: ring again after this time. */
    record Wait(Duration remaining) implements Verdict {}

    /** Nothing: it ended otherwise, or somebody else made it official. */
    record Silence() implements Verdict {}
  }

  /**
   * A grant runs until its deadline; replaces an earlier deadline of the same grant.
   *
   * @return whether a timer is needed
   */
  public boolean runs(Deadline deadline) {
    if (expired.contains(deadline.grant())) {
      return false;
    }
    return !deadline.equals(running.put(deadline.grant(), deadline));
  }

  /** The grant ended before its time. */
  public void ended(GrantId grant) {
    running.remove(grant);
  }

  /** The grant is off the log: nothing about it needs to be remembered. */
  public void forgotten(GrantId grant) {
    running.remove(grant);
    expired.remove(grant);
  }

  /** The grant's end is official. */
  public void expired(GrantId grant) {
    running.remove(grant);
    expired.add(grant);
  }

  /**
   * What to do now that a grant's timer rang; never {@link Verdict.Fire} before its end.
   *
   * @param stagger how long after the end this replica waits for others to go first
   */
  public Verdict verdict(GrantId grant, Duration stagger, Instant now) {
    Deadline deadline = running.get(grant);
    if (deadline == null) {
      return new Verdict.Silence();
    }
    Instant due = deadline.expiresAt().plus(stagger);
    return now.isBefore(due)
        ? new Verdict.Wait(Duration.between(now, due))
        : new Verdict.Fire(deadline);
  }

  /** The deadline of a grant that runs. */
  public Optional<Deadline> of(GrantId grant) {
    return Optional.ofNullable(running.get(grant));
  }

  public Collection<Deadline> all() {
    return List.copyOf(running.values());
  }
}
