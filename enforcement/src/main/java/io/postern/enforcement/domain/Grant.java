package io.postern.enforcement.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A lease as policy-service wrote it last.
 *
 * @param endedFor why the grant ended before its time or at it; empty while it runs
 * @param closed whether its port was reported closed already
 */
public record Grant(
    GrantId id,
    RequestId request,
    MachineId machine,
    List<PortSpec> ports,
    List<Cidr> sources,
    Instant startsAt,
    Instant expiresAt,
    PolicyId policy,
    Optional<End> endedFor,
    boolean closed) {

  /** Why a grant ended. */
  public enum End {
    EXPIRED,
    USER_REQUESTED,
    ADMIN_REVOKED,
    NEWER_REQUEST_INITIATED,
    POLICY_REMOVED,
    FAILED
  }

  public Grant {
    ports = List.copyOf(ports);
    sources = List.copyOf(sources);
  }

  /** Whether its time runs: begun, not over, not ended otherwise. */
  public boolean isLive(Instant now) {
    return endedFor.isEmpty() && !now.isBefore(startsAt) && now.isBefore(expiresAt);
  }

  /** Whether its time is over, one way or another. */
  public boolean isOver(Instant now) {
    return endedFor.isPresent() || !now.isBefore(expiresAt);
  }

  /** The same grant, ended for a reason. */
  public Grant ended(End reason) {
    return new Grant(
        id,
        request,
        machine,
        ports,
        sources,
        startsAt,
        expiresAt,
        policy,
        Optional.of(reason),
        closed);
  }
}
