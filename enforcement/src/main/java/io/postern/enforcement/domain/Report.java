package io.postern.enforcement.domain;

import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RuleSetId;
import java.util.List;
import java.util.Optional;

/** Something that an enforcer tells the log. */
public sealed interface Report {

  /**
   * The grant's ports are reachable, read back from every rule set on the path.
   *
   * @param ways what to connect to; empty for the machine itself
   * @param established what happens to established connections at the end, on this path; empty for
   *     what the cloud says of all
   */
  record Opened(
      Grant grant,
      MachineFacts machine,
      List<RuleSetId> ruleSets,
      List<Way> ways,
      String established)
      implements Report {}

  /**
   * Nothing of the grant is left.
   *
   * @param established what happened to established connections, on this path; empty for what the
   *     cloud says of all
   */
  record Closed(Grant grant, Grant.End reason, String established) implements Report {}

  /** Something could not be done. */
  record Failed(
      Operation operation,
      Optional<Grant> grant,
      MachineFacts machine,
      ErrorCode code,
      String message,
      boolean willRetry)
      implements Report {}

  /** The machine's ports are closed, as far as the listed rules allow it. */
  record Locked(
      MachineFacts machine, Lock lock, List<RuleSetId> ruleSets, List<RuleSetBypass> bypasses)
      implements Report {}

  /** The lock-down is taken back. */
  record Lifted(MachineFacts machine, List<RuleSetId> ruleSets) implements Report {}

  /**
   * Somebody else changed what we had written.
   *
   * @param changes what differs, a sentence each
   * @param action what was done about it, in a sentence
   */
  record Drifted(RuleSetId ruleSet, List<MachineId> machines, List<String> changes, String action)
      implements Report {}

  /**
   * What a policy would have written.
   *
   * @param changeId the command that asked
   * @param steps calls in order, and what people should know of them, a sentence each
   * @param ofMachines how many machines of the scope are answered for
   */
  record Planned(
      String changeId, PolicyId policy, MachineFacts machine, List<String> steps, int ofMachines)
      implements Report {}

  /** A bypass and where it is. */
  record RuleSetBypass(RuleSetId ruleSet, Assessment.Bypass bypass) {}

  /** What was being done. */
  enum Operation {
    OPEN,
    CLOSE,
    LOCKDOWN,
    LIFT
  }
}
