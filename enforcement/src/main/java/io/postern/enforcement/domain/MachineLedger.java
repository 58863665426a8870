package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was reported of one machine, so that nothing is reported twice. It is lost at a restart;
 * then reports come again, with the same derived ids.
 */
public final class MachineLedger {

  /** How far a grant has come. */
  public enum Phase {
    PENDING,
    OPENED,
    FAILED,
    CLOSED
  }

  private final Map<GrantId, Phase> phases = new HashMap<>();
  private final Map<GrantId, String> troubles = new HashMap<>();
  private Optional<String> lock = Optional.empty();
  private Optional<String> lockTrouble = Optional.empty();

  public Phase phase(GrantId grant) {
    return phases.getOrDefault(grant, Phase.PENDING);
  }

  void enter(GrantId grant, Phase phase) {
    phases.put(grant, phase);
    troubles.remove(grant);
  }

  /** Whether this trouble of the grant is news. */
  boolean isNewTrouble(GrantId grant, String trouble) {
    return !trouble.equals(troubles.put(grant, trouble));
  }

  /** Marks a grant as failed for good; false when it was already, or is over. */
  public boolean fail(GrantId grant) {
    Phase before = phase(grant);
    if (before == Phase.FAILED || before == Phase.CLOSED) {
      return false;
    }
    enter(grant, Phase.FAILED);
    return true;
  }

  /** Forgets all other grants: they are over, closed, and off the log. */
  public void retain(Set<GrantId> known) {
    phases.keySet().retainAll(known);
    troubles.keySet().retainAll(known);
  }

  public boolean isLocked() {
    return lock.isPresent();
  }

  /** Whether this state of the lock-down is news. */
  boolean isNewLock(Optional<String> state) {
    boolean isNew = !state.equals(lock);
    lock = state;
    lockTrouble = Optional.empty();
    return isNew;
  }

  boolean isNewLockTrouble(String trouble) {
    boolean isNew = !lockTrouble.equals(Optional.of(trouble));
    lockTrouble = Optional.of(trouble);
    return isNew;
  }
}
