package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A request for one machine that is on the log, and what became of it.
 *
 * @param request with the findings that are on the record
 * @param heldAt when it was first held against the policies
 * @param approvals those that counted, in order
 * @param verdict what became of it; WAITS also when it ended for want of an approval
 * @param checks what was checked then
 */
public record PastRequest(
    AccessRequest request,
    Instant heldAt,
    List<Approval> approvals,
    Verdict verdict,
    List<Seen> checks)
    implements Past.Decided {

  /** What a decision says of a request. */
  public enum Verdict {
    GRANTED,
    /** The checks hold, and an approval is missing. */
    WAITS,
    DENIED
  }

  /** A check of the decision then. */
  public record Seen(String name, Check.Result result, String detail) {}

  public PastRequest {
    approvals = List.copyOf(approvals);
    checks = List.copyOf(checks);
  }

  @Override
  public Instant at() {
    return heldAt;
  }

  @Override
  public MachineId machine() {
    return request.machine();
  }

  @Override
  public GrantId grant() {
    return request.grantId();
  }

  @Override
  public Requestor by() {
    return request.requestor();
  }

  /** The check of this name, if it passed or failed. */
  Optional<Seen> seen(String name) {
    return checks.stream()
        .filter(c -> c.name().equals(name) && c.result() != Check.Result.SKIPPED)
        .findFirst();
  }
}
