package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.CheckOutcome;
import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.Reason;
import io.postern.event.RequestVetted;
import io.postern.log.Convert;
import io.postern.model.Cidr;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Check;
import io.postern.policy.domain.Decision;
import io.postern.policy.domain.RunningGrant;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Between the decision's own types and events. */
final class DecisionEvents {
  private DecisionEvents() {}

  static AccessRequest toRequest(RequestVetted v) {
    return new AccessRequest(
        RequestId.parse(v.getRequestId()),
        new MachineId(v.getMachineId()),
        Convert.toModel(v.getRequestor()),
        Convert.toPorts(v.getPorts()),
        Convert.toCidrs(v.getSources()),
        Duration.ofMillis(v.getDurationMillis()),
        Optional.ofNullable(v.getJustification()),
        v.getSubmittedAt(),
        v.getRequestDigest());
  }

  static RunningGrant toRunning(Lease lease) {
    return new RunningGrant(
        io.postern.model.GrantId.parse(lease.getGrantId()),
        new RunningGrant.Owner(lease.getRequestor(), lease.getRequestorIssuer()),
        Convert.toPorts(lease.getPorts()),
        Convert.toCidrs(lease.getSources()));
  }

  static AccessGranted granted(AccessRequest r, Decision.Granted d, Instant now) {
    return new AccessGranted(
        Ids.derived("decision", r.grantId().toString()).toString(),
        now,
        r.grantId().toString(),
        r.id().toString(),
        r.machine().value(),
        r.machine().scope().value(),
        Convert.toEvent(r.requestor()),
        Convert.fromPorts(r.ports()),
        sources(r),
        now,
        d.startsAt(),
        d.expiresAt(),
        d.policy().value(),
        d.policyVersion(),
        checks(d),
        List.of(),
        r.digest(),
        r.justification().orElse(null));
  }

  static AccessDenied denied(AccessRequest r, Decision.Denied d, Instant now) {
    return new AccessDenied(
        Ids.derived("decision", r.grantId().toString()).toString(),
        now,
        r.id().toString(),
        r.machine().value(),
        r.machine().scope().value(),
        Convert.toEvent(r.requestor()),
        d.checks().stream()
            .filter(c -> c.result() == Check.Result.FAILED)
            .map(c -> new Reason(c.code().name(), c.name() + ": " + c.detail()))
            .toList(),
        d.policy().map(PolicyId::value).orElse(null),
        d.policyVersion(),
        checks(d),
        r.digest());
  }

  static Lease lease(AccessRequest r, Decision.Granted d) {
    return new Lease(
        r.grantId().toString(),
        r.id().toString(),
        r.machine().value(),
        r.machine().scope().value(),
        r.requestor().subject(),
        r.requestor().issuer(),
        Convert.fromPorts(r.ports()),
        sources(r),
        d.startsAt(),
        d.expiresAt(),
        d.policy().value(),
        d.policyVersion(),
        LeaseState.ACTIVE,
        null,
        false);
  }

  static Lease ended(Lease lease, EndReason reason) {
    return Lease.newBuilder(lease).setState(LeaseState.ENDED).setEndReason(reason).build();
  }

  static Lease closed(Lease lease) {
    return Lease.newBuilder(lease).setClosed(true).build();
  }

  static AccessRevoked revoked(
      Lease lease, EndReason reason, @Nullable String revokedBy, Instant now) {
    return new AccessRevoked(
        Ids.derived("revoked", lease.getGrantId()).toString(),
        now,
        lease.getGrantId(),
        lease.getRequestId(),
        lease.getMachineId(),
        lease.getScope(),
        reason,
        revokedBy,
        now);
  }

  private static List<String> sources(AccessRequest r) {
    return r.sources().stream().distinct().sorted().map(Cidr::toString).toList();
  }

  private static List<io.postern.event.Check> checks(Decision d) {
    return d.checks().stream()
        .map(
            c ->
                new io.postern.event.Check(
                    c.name(), CheckOutcome.valueOf(c.result().name()), c.detail()))
        .toList();
  }
}
