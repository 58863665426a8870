package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches one rule set for what others do to it. It knows the state in which the rule set was last
 * right, and forgets it when we begin to write, so that half of a write of ours is never taken for
 * a foreign hand. It knows nothing after a restart: what happened meanwhile is put right all the
 * same. One thread at a time.
 */
public final class DriftWatch {
  private final Fights fights;
  private final Duration lateReads;
  private @Nullable Settled last;
  private Instant lastWrite = Instant.MIN;

  /**
   * @param lateReads how long after a write a read may still show what was before; what others do
   *     meanwhile is put right, but is not told from a late read
   */
  public DriftWatch(DriftLimits limits, Duration lateReads) {
    this.fights = new Fights(limits);
    this.lateReads = lateReads;
  }

  /** What is to be done for the intent: grants are left out that are no longer fought for. */
  public RuleSetIntent pursued(RuleSetIntent intent) {
    Set<GrantId> live = new HashSet<>();
    intent.machines().forEach(m -> m.grants().forEach(g -> live.add(g.id())));
    fights.retain(live);
    return intent.keeping(g -> !fights.isGivenUp(g.id()));
  }

  /** Grants that are no longer fought for, and why. */
  public Map<GrantId, Plan.Refusal> refusals() {
    Map<GrantId, Plan.Refusal> refusals = new HashMap<>();
    fights.givenUp().forEach(g -> refusals.put(g, fights.refusal()));
    return refusals;
  }

  /**
   * The state to compare with, unless the rules are the same word for word, or may be older than
   * our own last write.
   */
  public Optional<Settled> suspect(Map<String, String> rules, Instant now) {
    return Optional.ofNullable(last)
        .filter(l -> !l.rules().equals(rules))
        .filter(l -> lastWrite == Instant.MIN || !now.isBefore(lastWrite.plus(lateReads)));
  }

  /**
   * What a foreign hand did, if what it did concerns us.
   *
   * @param expected what must still hold, by {@link Settled#expected}
   * @param now what the rule set does, assessed for that
   * @param plan what that asks for
   * @param remedy the plan's steps in words
   */
  public Optional<Drift> drift(
      Settled before,
      RuleSetIntent current,
      RuleSetIntent expected,
      Map<String, String> rules,
      Assessment now,
      Plan<?> plan,
      List<String> remedy) {
    Set<GrantId> lost = Drift.lost(before, current, now);
    boolean differs =
        !plan.steps().isEmpty() || !plan.after().equals(before.intent().restorePoint());
    // A sweeper that took away an overdue rule is no foreign hand; what it left is to be tidied up.
    boolean isSwept = before.isSwept(expected);
    if (lost.isEmpty() && !Drift.isExposed(before, now) && (isSwept || !differs)) {
      return Optional.empty();
    }
    return Optional.of(
        new Drift(before.machines(), Drift.changes(before.rules(), rules), lost, remedy));
  }

  /** What is done about it, in a sentence; grants that were closed too often are given up here. */
  public String answer(Drift drift, RuleSetIntent current) {
    boolean givesUp = false;
    for (GrantId grant : drift.lost()) {
      givesUp |= fights.closed(grant, current.now());
    }
    if (givesUp) {
      return "Closed: " + fights.refusal().message() + ".";
    }
    return drift.remedy().isEmpty()
        ? "Left as it is: it counts as the owner's wish."
        : "Put right: " + String.join("; ", drift.remedy()) + ".";
  }

  /** The rule set is as it should be. */
  public void settled(Settled now) {
    last = now;
  }

  /** We write: until the rule set is right again nobody knows who did what. */
  public void writing(Instant now) {
    last = null;
    lastWrite = now;
  }

  /** What was found is told once, whether or not there is something to put right. */
  public void told() {
    last = null;
  }
}
