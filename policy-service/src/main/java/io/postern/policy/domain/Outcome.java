package io.postern.policy.domain;

import io.postern.model.ErrorCode;
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
