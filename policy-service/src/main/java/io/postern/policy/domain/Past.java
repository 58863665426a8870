package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import java.time.Instant;

/** Something that is on the log, for a rehearsal: to be decided again, or taken as it happened. */
public sealed interface Past {
  /** When it was dealt with. */
  Instant at();

  /** What is decided again. */
  sealed interface Decided extends Past permits PastRequest, PastExtension {
    MachineId machine();

    GrantId grant();

    /** Who wished it. */
    Requestor by();

    /** What became of it. */
    Verdict verdict();
  }

  /** A grant that was given, whatever the policies say now. */
  record Given(AccessRequest request, Decision.Granted decision, Instant at) implements Past {}

  /** A request that was put before approvers, of which only the asking counts. */
  record Counted(GrantId grant, PolicyId policy, Owner owner, Instant at) implements Past {}

  /** A grant's end moved, whatever the policies say now. */
  record Moved(MachineId machine, GrantId grant, Instant expiresAt, Instant at) implements Past {}

  /** A grant was ended early, or a request that waited was withdrawn. */
  record Ended(MachineId machine, GrantId grant, Instant at) implements Past {}
}
