package io.postern.policy.kafka;

import io.postern.event.ApprovalRequested;
import io.postern.log.Convert;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Approval;
import io.postern.policy.domain.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Between requests that wait and what is said of them. ApprovalRequested holds all there is to know
 * about one, so it is also what the decision remembers.
 */
final class ApprovalEvents {
  private ApprovalEvents() {}

  static ApprovalRequested requested(Pending p, Instant now) {
    AccessRequest r = p.request();
    return ApprovalRequested.newBuilder()
        .setEventId(
            Ids.derived(
                    "approval-requested",
                    r.grantId().toString(),
                    p.policy() + "/" + p.policyVersion(),
                    Integer.toString(p.approvals().size()))
                .toString())
        .setOccurredAt(now)
        .setRequestId(r.id().toString())
        .setMachineId(r.machine().value())
        .setScope(r.machine().scope().value())
        .setRequestDigest(r.digest())
        .setPolicyId(p.policy().value())
        .setPolicyVersion(p.policyVersion())
        .setTimesOutAt(p.timesOutAt())
        .setGrantId(r.grantId().toString())
        .setRequestor(Convert.toEvent(r.requestor()))
        .setPorts(Convert.fromPorts(r.ports()))
        .setSources(Convert.fromCidrs(r.sources()))
        .setDurationMillis(r.duration().toMillis())
        .setJustification(r.justification().orElse(null))
        .setSubmittedAt(r.submittedAt())
        .setRequestedAt(p.heldAt())
        .setStartAt(r.startAt().orElse(null))
        .setLevel(p.level() + 1)
        .setLevels(Convert.fromLevels(p.levels()))
        .setFindings(FindingEvents.toEvents(r.findings()))
        .setTogether(r.together().stream().map(MachineId::value).toList())
        .setGiven(p.approvals().stream().map(ApprovalEvents::approval).toList())
        .build();
  }

  static Pending toPending(ApprovalRequested e) {
    AccessRequest request =
        new AccessRequest(
            RequestId.parse(e.getRequestId()),
            new MachineId(e.getMachineId()),
            Convert.toModel(Objects.requireNonNull(e.getRequestor())),
            Convert.toPorts(e.getPorts()),
            Convert.toCidrs(e.getSources()),
            Optional.ofNullable(e.getStartAt()),
            Duration.ofMillis(e.getDurationMillis()),
            Optional.ofNullable(e.getJustification()),
            false,
            Objects.requireNonNull(e.getSubmittedAt()),
            e.getRequestDigest(),
            FindingEvents.toModel(e.getFindings()),
            e.getTogether().stream().map(MachineId::new).toList());
    return new Pending(
        request,
        new PolicyId(e.getPolicyId()),
        e.getPolicyVersion(),
        Objects.requireNonNull(e.getRequestedAt()),
        e.getTimesOutAt(),
        e.getGiven().stream().map(ApprovalEvents::approval).toList(),
        e.getLevel() - 1,
        Convert.toLevels(e.getLevels()));
  }

  private static io.postern.event.Approval approval(Approval a) {
    return new io.postern.event.Approval(
        Convert.toEvent(a.approver()), a.givenAt(), a.reason().orElse(null));
  }

  private static Approval approval(io.postern.event.Approval a) {
    return new Approval(
        Convert.toModel(a.getApprover()), a.getGivenAt(), Optional.ofNullable(a.getReason()));
  }
}
