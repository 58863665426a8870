package io.postern.request.domain;

import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request as the log tells it.
 *
 * @param owner who asked
 * @param machines what it asks for; empty while only its decisions are known
 * @param denied machines that were refused
 * @param approvals what approvers were asked, also once it is decided
 * @param refused approvals that did not count
 */
public record RequestView(
    RequestId id,
    Owner owner,
    List<MachineId> machines,
    Optional<String> justification,
    Optional<Instant> submittedAt,
    Set<MachineId> denied,
    List<Denial> denials,
    List<ApprovalView> approvals,
    List<Refused> refused,
    List<GrantView> grants) {
  public RequestView {
    machines = List.copyOf(machines);
    denied = Set.copyOf(denied);
    denials = List.copyOf(denials);
    approvals = List.copyOf(approvals);
    refused = List.copyOf(refused);
    grants = List.copyOf(grants);
  }

  /** Who asked. */
  public String requestor() {
    return owner.subject();
  }

  /** What approvers are asked now. */
  public List<ApprovalView> waiting() {
    return approvals.stream()
        .filter(a -> !denied.contains(a.machine()))
        .filter(a -> grants.stream().noneMatch(g -> isGiven(g) && g.machine().equals(a.machine())))
        .toList();
  }

  /** Whether the person may approve it, or might have. */
  public boolean isForApprover(Requestor person) {
    return approvals.stream().anyMatch(a -> a.names(person));
  }

  /** GRANTED as soon as one machine is; DENIED and the like when all are refused. */
  public RequestState state() {
    if (grants.stream().anyMatch(RequestView::isGiven)) {
      return RequestState.GRANTED;
    }
    if (!waiting().isEmpty()) {
      return RequestState.PENDING_APPROVAL;
    }
    if (machines.isEmpty() || !denied.containsAll(machines)) {
      return RequestState.SUBMITTED;
    }
    if (hasReason("WITHDRAWN")) {
      return RequestState.WITHDRAWN;
    }
    return hasReason("TIMED_OUT") ? RequestState.TIMED_OUT : RequestState.DENIED;
  }

  /** Whether it waits for nobody but approvers: each machine is granted, denied, or before them. */
  public boolean isDecided() {
    long given = grants.stream().filter(RequestView::isGiven).count();
    return !machines.isEmpty()
        && (!waiting().isEmpty() || machines.size() <= denied.size() + given);
  }

  private static boolean isGiven(GrantView grant) {
    return grant.given().isPresent();
  }

  private boolean hasReason(String code) {
    return denials.stream().anyMatch(d -> d.code().equals(code));
  }
}
