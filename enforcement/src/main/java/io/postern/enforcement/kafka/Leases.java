package io.postern.enforcement.kafka;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.event.DisplacedRule;
import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.Optional;

/** Between the log's records and the enforcer's own types. */
final class Leases {
  private Leases() {}

  static Grant toGrant(Lease lease) {
    Optional<Grant.End> ended =
        lease.getState() == LeaseState.ENDED
            ? Optional.of(toEnd(lease.getEndReason()))
            : Optional.empty();
    return new Grant(
        GrantId.parse(lease.getGrantId()),
        RequestId.parse(lease.getRequestId()),
        new MachineId(lease.getMachineId()),
        Convert.toPorts(lease.getPorts()),
        Convert.toCidrs(lease.getSources()),
        lease.getStartsAt(),
        lease.getExpiresAt(),
        new PolicyId(lease.getPolicyId()),
        ended,
        lease.getClosed());
  }

  private static Grant.End toEnd(@org.jspecify.annotations.Nullable EndReason reason) {
    return reason == null ? Grant.End.EXPIRED : Grant.End.valueOf(reason.name());
  }

  static io.postern.event.RestorePoint toEvent(
      RuleSetId ruleSet, Scope scope, RestorePoint restorePoint, Instant now) {
    return new io.postern.event.RestorePoint(
        ruleSet.value(),
        scope.value(),
        restorePoint.displaced().stream()
            .map(d -> new DisplacedRule(d.id(), d.document()))
            .toList(),
        now);
  }

  static RestorePoint toRestorePoint(io.postern.event.RestorePoint event) {
    return new RestorePoint(
        event.getDisplaced().stream()
            .map(d -> new RestorePoint.Displaced(d.getId(), d.getDocument()))
            .toList());
  }
}
