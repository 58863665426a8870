package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Duration;
import java.util.Optional;

/** What somebody wishes of a request or grant that is there already. */
public sealed interface Wish {
  /** The id of the event that states it; a repeat has the same. */
  String eventId();

  MachineId machine();

  GrantId grant();

  Requestor by();

  /**
   * A yes or a no to a request that waits.
   *
   * @param digest of the request that is meant
   */
  record Vote(
      String eventId,
      RequestId request,
      MachineId machine,
      String digest,
      Requestor by,
      boolean approves,
      Optional<String> reason)
      implements Wish {
    @Override
    public GrantId grant() {
      return GrantId.of(request, machine);
    }
  }

  /** A later end of a grant. */
  record Extension(
      String eventId,
      GrantId grant,
      MachineId machine,
      Requestor by,
      Duration duration,
      Optional<String> justification)
      implements Wish {}

  /** A word that a use of break-glass was looked into. */
  record Review(
      String eventId, GrantId grant, MachineId machine, Requestor by, Optional<String> comment)
      implements Wish {}

  /** The early end of a grant, or the withdrawal of a request that waits. */
  record Revocation(String eventId, GrantId grant, MachineId machine, Requestor by)
      implements Wish {}
}
