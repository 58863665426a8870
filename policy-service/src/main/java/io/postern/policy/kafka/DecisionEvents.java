package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalVetted;
import io.postern.event.CheckOutcome;
import io.postern.event.ExtensionVetted;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.event.RequestVetted;
import io.postern.event.RevocationVetted;
import io.postern.event.WishRefused;
import io.postern.log.Convert;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Approval;
import io.postern.policy.domain.Check;
import io.postern.policy.domain.Decision;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Outcome;
import io.postern.policy.domain.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
        Optional.ofNullable(v.getStartAt()),
        Duration.ofMillis(v.getDurationMillis()),
        Optional.ofNullable(v.getJustification()),
        v.getBreakGlass(),
        v.getSubmittedAt(),
        v.getRequestDigest(),
        FindingEvents.toModel(v.getFindings()),
        v.getTogether().stream().map(MachineId::new).toList());
  }

  /**
   * A machine's part of a request that was found to be in order when it was vetted.
   *
   * @param at when the log took it
   */
  static AccessRequest toRequest(
      RequestSubmitted r, String machine, Instant at, List<Finding> findings) {
    List<MachineId> named = r.getMachines().stream().distinct().map(MachineId::new).toList();
    return new AccessRequest(
        RequestId.parse(r.getRequestId()),
        new MachineId(machine),
        Convert.toModel(r.getRequestor()),
        Convert.toPorts(r.getPorts()),
        Convert.toCidrs(r.getSources()),
        Optional.ofNullable(r.getStartAt()),
        Duration.ofMillis(r.getDurationMillis()),
        Optional.ofNullable(r.getJustification()),
        r.getBreakGlass(),
        at,
        Digest.of(r),
        findings,
        r.getAllOrNothing() && named.size() > 1 ? named : List.of());
  }

  static Wish toWish(ApprovalVetted v) {
    return new Wish.Vote(
        v.getAnswers(),
        RequestId.parse(v.getRequestId()),
        new MachineId(v.getMachineId()),
        v.getRequestDigest(),
        Convert.toModel(v.getApprover()),
        v.getApproved(),
        Optional.ofNullable(v.getReason()));
  }

  static Wish toWish(RevocationVetted v) {
    return new Wish.Revocation(
        v.getEventId(),
        GrantId.parse(v.getGrantId()),
        new MachineId(v.getMachineId()),
        Convert.toModel(v.getRequestor()));
  }

  static Wish toWish(ExtensionVetted v) {
    return new Wish.Extension(
        v.getAnswers(),
        GrantId.parse(v.getGrantId()),
        new MachineId(v.getMachineId()),
        Convert.toModel(v.getRequestor()),
        Duration.ofMillis(v.getDurationMillis()),
        Optional.ofNullable(v.getJustification()));
  }

  static AccessExtended extended(Outcome.Extended extended, Instant now) {
    Grant grant = extended.grant();
    return new AccessExtended(
        Ids.derived("extended", extended.wish().eventId(), grant.id().toString()).toString(),
        now,
        grant.id().toString(),
        grant.request().toString(),
        grant.machine().value(),
        grant.machine().scope().value(),
        grant.expiresAt());
  }

  static AccessGranted granted(
      AccessRequest r, Decision.Granted d, List<Approval> approvals, Instant now) {
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
        approvals.stream().map(a -> a.approver().subject()).toList(),
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

  static AccessRevoked revoked(Grant grant, Optional<String> by, Instant now) {
    return new AccessRevoked(
        Ids.derived("revoked", grant.id().toString()).toString(),
        now,
        grant.id().toString(),
        grant.request().toString(),
        grant.machine().value(),
        grant.machine().scope().value(),
        LeaseEvents.reason(grant.end().orElseThrow()),
        by.orElse(null),
        now);
  }

  static WishRefused refused(Outcome.Refused refused, Instant now) {
    Wish wish = refused.wish();
    return new WishRefused(
        Ids.derived("refused", wish.eventId(), wish.grant().toString()).toString(),
        now,
        wish.eventId(),
        wish instanceof Wish.Vote vote ? vote.request().toString() : null,
        wish.grant().toString(),
        wish.machine().value(),
        wish.machine().scope().value(),
        Convert.toEvent(wish.by()),
        new Reason(refused.code().name(), refused.message()));
  }

  private static List<String> sources(AccessRequest r) {
    return Convert.fromCidrs(r.canonicalSources());
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
