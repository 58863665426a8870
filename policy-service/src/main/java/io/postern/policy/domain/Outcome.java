package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Optional;

/** Something that happened, and must be said and remembered. */
public sealed interface Outcome {

  /** The final yes. */
  record Granted(AccessRequest request, Decision.Granted decision, List<Approval> approvals)
      implements Outcome {
    public Grant grant() {
      return Grant.of(request, decision);
    }
  }

  /** The final no. */
  record Denied(AccessRequest request, Decision.Denied decision) implements Outcome {

    /** Whether it is a no because nobody approved in time. */
    public boolean isTimeOut() {
      return decision.checks().stream().anyMatch(c -> c.code() == ErrorCode.TIMED_OUT);
    }
  }

  /** It would be granted, and waits for the other machines of its request. */
  record Holds(Held held) implements Outcome {}

  /** Who asked, or an admin, took back a request that waits for other machines. */
  record Withdrawn(Held held, String by) implements Outcome {}

  /** A machine says yes or no to the partition that counts. */
  record Votes(Ballot ballot) implements Outcome {}

  /** A ballot was counted. */
  record Tallied(Ballot ballot) implements Outcome {}

  /**
   * A request over several machines is settled.
   *
   * @param machines who must be told
   */
  record Settles(Settlement settlement, List<MachineId> machines) implements Outcome {}

  /** Not decided yet: approvals are asked for. */
  record Waits(Pending pending) implements Outcome {}

  /**
   * A grant ended before its time.
   *
   * @param by who wished it; empty when nobody did
   */
  record Ended(Grant grant, Optional<String> by) implements Outcome {}

  /** A grant's end moved. */
  record Extended(Grant grant, Wish.Extension wish) implements Outcome {}

  /** Break-glass was used; the grant itself is told by {@link Granted}. */
  record BreakGlassUsed(Unreviewed use) implements Outcome {}

  /** A use of break-glass was reviewed. */
  record Reviewed(Unreviewed use, Wish.Review wish) implements Outcome {}

  /** A grant stands differently, by what others have said already. */
  record Noted(Grant grant) implements Outcome {}

  /** A wish that changes nothing. */
  record Refused(Wish wish, Refusal code, String message) implements Outcome {}

  /** A wish has been answered, and is not answered again. */
  record Answered(Wish wish) implements Outcome {}
}
