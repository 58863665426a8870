package io.postern.policy.kafka;

import io.postern.event.ApprovalRequested;
import io.postern.event.PartSettled;
import io.postern.event.PartVoted;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Ballot;
import io.postern.policy.domain.Held;
import io.postern.policy.domain.Pending;
import io.postern.policy.domain.Settlement;
import java.util.List;

/** Between what the machines of an all-or-nothing request say and events. */
final class TogetherEvents {
  private TogetherEvents() {}

  static PartVoted toEvent(Ballot b) {
    return new PartVoted(
        Ids.derived("part-voted", b.request().toString(), b.machine().value(), "" + b.yes())
            .toString(),
        b.at(),
        b.request().toString(),
        b.machine().value(),
        b.together().stream().map(MachineId::value).toList(),
        b.yes(),
        b.reason());
  }

  static Ballot toBallot(PartVoted e) {
    return new Ballot(
        RequestId.parse(e.getRequestId()),
        new MachineId(e.getMachineId()),
        e.getTogether().stream().map(MachineId::new).toList(),
        e.getYes(),
        e.getReason(),
        e.getOccurredAt());
  }

  static PartSettled toEvent(Settlement s, MachineId machine) {
    return new PartSettled(
        Ids.derived("part-settled", s.request().toString(), machine.value()).toString(),
        s.at(),
        s.request().toString(),
        machine.value(),
        s.granted(),
        s.at(),
        s.reason());
  }

  static Settlement toSettlement(PartSettled e) {
    return new Settlement(
        RequestId.parse(e.getRequestId()), e.getGranted(), e.getSettledAt(), e.getReason());
  }

  /** A request that waits for other machines is kept as one that waits for nobody's approval. */
  static ApprovalRequested toEvent(Held h) {
    return ApprovalEvents.requested(
        new Pending(
            h.request(),
            h.policy(),
            h.policyVersion(),
            h.heldAt(),
            h.heldAt(),
            h.approvals(),
            0,
            List.of()),
        h.heldAt());
  }

  static Held toHeld(ApprovalRequested e) {
    Pending p = ApprovalEvents.toPending(e);
    return new Held(p.request(), p.policy(), p.policyVersion(), p.heldAt(), p.approvals());
  }
}
