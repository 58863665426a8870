package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import java.time.Instant;

/**
 * A wish for a later end of a grant that is on the log, and what became of it.
 *
 * @param at when it was answered
 * @param verdict GRANTED or DENIED
 */
public record PastExtension(Wish.Extension wish, Instant at, Verdict verdict)
    implements Past.Decided {
  @Override
  public MachineId machine() {
    return wish.machine();
  }

  @Override
  public GrantId grant() {
    return wish.grant();
  }

  @Override
  public Requestor by() {
    return wish.by();
  }
}
