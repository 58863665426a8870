package io.postern.enforcement.cloud;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A cloud as the reconcile loop sees it. Calls for different rule sets may come at the same time,
 * calls for one rule set never do, except that it may be observed once more for a rehearsal.
 *
 * @param <O> a rule set as observed
 * @param <S> a step of a plan
 */
public interface CloudAdapter<O, S> {

  /**
   * Every machine of a scope with the rule sets that filter its traffic, ours excepted.
   *
   * @throws CloudException when the cloud does not answer or refuses
   */
  List<MachineFacts> inventory(Scope scope) throws CloudException;

  /**
   * What we may not do in a scope and should, each permission by the cloud's name for it; empty
   * when nothing is known to be missing.
   *
   * @throws CloudException when the cloud does not answer
   */
  default List<String> missingPermissions(Scope scope) throws CloudException {
    return List.of();
  }

  /**
   * Whether grants concern this rule set; one that carries lock-downs only is not looked at when a
   * grant begins or ends.
   */
  default boolean carriesGrants(RuleSetId ruleSet) {
    return true;
  }

  /**
   * Reads a rule set.
   *
   * @throws CloudException when the cloud does not answer or refuses; a rule set that is gone is no
   *     error but an observation
   */
  O observe(RuleSetIntent intent) throws CloudException;

  /**
   * Likewise; what closes may use the last of the cloud's budget of reads.
   *
   * @param closes whether something is to be closed
   */
  default O observe(RuleSetIntent intent, boolean closes) throws CloudException {
    return observe(intent);
  }

  /** The difference between what must hold and what was observed: pure, no clock, no I/O. */
  Plan<S> plan(RuleSetIntent intent, O observed);

  /**
   * Whether the steps only add allow rules of ours, in such a way that the cloud refuses what no
   * longer fits: such steps may be applied although the rule set was observed a while ago.
   */
  boolean onlyAdds(List<S> steps);

  /**
   * Writes the steps in order, and stops at the first that does not work. Never throws for what a
   * cloud answers.
   */
  Outcome apply(RuleSetIntent intent, O observed, List<S> steps);

  /** What the rule set does as observed: pure. */
  Assessment assess(RuleSetIntent intent, O observed);

  /**
   * How a machine stands by what was read last of everything on the way to it, by the scan or by
   * itself: no I/O.
   */
  default Posture posture(MachineIntent machine) {
    return Posture.UNKNOWN;
  }

  /** The rules of a rule set as observed, each in words under a name of its own: pure. */
  Map<String, String> describe(O observed);

  /** Steps of a plan in words, in order, for people: pure. */
  List<String> explain(O observed, List<S> steps);

  /**
   * What people should know before the machines of a rule set come under just-in-time access,
   * sentences: pure.
   */
  default List<String> foresee(RuleSetIntent intent, O observed) {
    return List.of();
  }

  /**
   * Ways to a machine on which there is nothing to write a rule to, as the last inventory of its
   * scope saw them.
   */
  default List<Report.RuleSetBypass> unfiltered(MachineId machine) {
    return List.of();
  }

  /**
   * How long after the beginning of a look at a rule set the next one that closes nothing begins,
   * so that what arrives meanwhile goes into one write; zero for at once. Asked again for each
   * look.
   */
  default Duration foldingPause(RuleSetId ruleSet) {
    return Duration.ZERO;
  }

  /** How long after a write a read may still show the state before it; zero for never. */
  default Duration lateReads() {
    return Duration.ZERO;
  }

  /**
   * Which share a scope has left of the requests that its cloud allows, of the kind that is
   * scarcest: 0 for none, 1 for all, or where nobody counts.
   */
  default double budgetLeft(Scope scope) {
    return 1;
  }

  /** What happens to established connections when a rule goes, on this cloud's path; for people. */
  String establishedConnections();

  /** What an operator should know when a lock-down takes effect; empty for nothing. */
  String lockdownNotice();
}
