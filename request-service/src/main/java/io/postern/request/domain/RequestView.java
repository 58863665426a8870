package io.postern.request.domain;

import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request as the log tells it.
 *
 * @param machines what it asks for; empty while only its decisions are known
 * @param denied machines that were refused
 */
public record RequestView(
    RequestId id,
    String requestor,
    List<MachineId> machines,
    Optional<String> justification,
    Optional<Instant> submittedAt,
    Set<MachineId> denied,
    List<Denial> denials,
    List<GrantView> grants) {
  public RequestView {
    machines = List.copyOf(machines);
    denied = Set.copyOf(denied);
    denials = List.copyOf(denials);
    grants = List.copyOf(grants);
  }

  /** GRANTED as soon as one machine is; DENIED when all are refused. */
  public RequestState state() {
    if (grants.stream().anyMatch(g -> g.grantedAt().isPresent())) {
      return RequestState.GRANTED;
    }
    return !machines.isEmpty() && denied.containsAll(machines)
        ? RequestState.DENIED
        : RequestState.SUBMITTED;
  }
}
