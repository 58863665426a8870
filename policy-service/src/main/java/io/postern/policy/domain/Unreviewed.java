package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Instant;

/** A use of break-glass that nobody has reviewed. */
public record Unreviewed(
    GrantId grant,
    RequestId request,
    MachineId machine,
    Requestor usedBy,
    PolicyId policy,
    String justification,
    Instant at) {
  static Unreviewed of(AccessRequest r, Decision.Granted d, Instant now) {
    return new Unreviewed(
        r.grantId(),
        r.id(),
        r.machine(),
        r.requestor(),
        d.policy(),
        r.justification().orElse(""),
        now);
  }
}
