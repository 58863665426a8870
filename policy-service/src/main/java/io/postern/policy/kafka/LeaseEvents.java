package io.postern.policy.kafka;

import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Between grants and leases. */
final class LeaseEvents {
  private LeaseEvents() {}

  static Grant toGrant(Lease lease) {
    EndReason reason = lease.getEndReason();
    Optional<Grant.End> end =
        lease.getState() == LeaseState.ACTIVE
            ? Optional.empty()
            : Optional.of(reason == null ? Grant.End.EXPIRED : Grant.End.valueOf(reason.name()));
    return new Grant(
        GrantId.parse(lease.getGrantId()),
        RequestId.parse(lease.getRequestId()),
        new MachineId(lease.getMachineId()),
        new Owner(lease.getRequestor(), lease.getRequestorIssuer()),
        Convert.toPorts(lease.getPorts()),
        Convert.toCidrs(lease.getSources()),
        lease.getStartsAt(),
        lease.getExpiresAt(),
        new PolicyId(lease.getPolicyId()),
        lease.getPolicyVersion(),
        Optional.of(Duration.ofMillis(lease.getReminderMillis())).filter(Duration::isPositive),
        end,
        lease.getClosed());
  }

  static Lease toLease(Grant grant) {
    return new Lease(
        grant.id().toString(),
        grant.request().toString(),
        grant.machine().value(),
        grant.machine().scope().value(),
        grant.owner().subject(),
        grant.owner().issuer(),
        Convert.fromPorts(grant.ports()),
        Convert.fromCidrs(grant.sources()),
        grant.startsAt(),
        grant.expiresAt(),
        grant.policy().value(),
        grant.policyVersion(),
        grant.isRunning() ? LeaseState.ACTIVE : LeaseState.ENDED,
        grant.end().map(LeaseEvents::reason).orElse(null),
        grant.closed(),
        grant.reminder().map(Duration::toMillis).orElse(0L));
  }

  /**
   * The grant as its lease carries it, without the way there and back: times in whole microseconds,
   * the reminder in whole milliseconds.
   */
  static Grant asLeased(Grant grant) {
    return new Grant(
        grant.id(),
        grant.request(),
        grant.machine(),
        grant.owner(),
        grant.ports(),
        grant.sources(),
        grant.startsAt().truncatedTo(ChronoUnit.MICROS),
        grant.expiresAt().truncatedTo(ChronoUnit.MICROS),
        grant.policy(),
        grant.policyVersion(),
        grant.reminder().map(d -> Duration.ofMillis(d.toMillis())).filter(Duration::isPositive),
        grant.end(),
        grant.closed());
  }

  static EndReason reason(Grant.End end) {
    return EndReason.valueOf(end.name());
  }
}
