package io.postern.request.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A grant as the log tells it. Every fact is filled in when its event comes, in whatever order, and
 * the state follows from the facts.
 *
 * @param endReason why it ended or failed
 */
public record GrantView(
    GrantId id,
    RequestId request,
    MachineId machine,
    String requestor,
    List<PortSpec> ports,
    List<Cidr> sources,
    Optional<Instant> grantedAt,
    Optional<Instant> expiresAt,
    Optional<Instant> openedAt,
    Optional<Instant> endedAt,
    Optional<Instant> closedAt,
    Optional<String> failure,
    Optional<String> endReason,
    List<Connect> connect) {

  static GrantView unknown(GrantId id, RequestId request, MachineId machine) {
    return new GrantView(
        id,
        request,
        machine,
        "",
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  public GrantState state() {
    if (failure.isPresent() && openedAt.isEmpty()) {
      return GrantState.FAILED;
    }
    if (closedAt.isPresent()) {
      return GrantState.CLOSED;
    }
    if (endedAt.isPresent()) {
      return GrantState.CLOSING;
    }
    return openedAt.isPresent() ? GrantState.OPEN : GrantState.OPENING;
  }

  GrantView granted(
      String by, List<PortSpec> newPorts, List<Cidr> newSources, Instant at, Instant until) {
    return new GrantView(
        id,
        request,
        machine,
        by,
        newPorts,
        newSources,
        Optional.of(at),
        Optional.of(until),
        openedAt,
        endedAt,
        closedAt,
        failure,
        endReason,
        connect);
  }

  GrantView opened(Instant at, List<Connect> endpoints) {
    return new GrantView(
        id,
        request,
        machine,
        requestor,
        ports,
        sources,
        grantedAt,
        expiresAt,
        Optional.of(at),
        endedAt,
        closedAt,
        failure,
        endReason,
        endpoints);
  }

  GrantView ended(Instant at, String reason) {
    return new GrantView(
        id,
        request,
        machine,
        requestor,
        ports,
        sources,
        grantedAt,
        expiresAt,
        openedAt,
        endedAt.or(() -> Optional.of(at)),
        closedAt,
        failure,
        endReason.or(() -> Optional.of(reason)),
        connect);
  }

  GrantView closed(Instant at, String reason) {
    return new GrantView(
        id,
        request,
        machine,
        requestor,
        ports,
        sources,
        grantedAt,
        expiresAt,
        openedAt,
        endedAt,
        closedAt.or(() -> Optional.of(at)),
        failure,
        endReason.or(() -> Optional.of(reason)),
        connect);
  }

  GrantView failed(String message) {
    return new GrantView(
        id,
        request,
        machine,
        requestor,
        ports,
        sources,
        grantedAt,
        expiresAt,
        openedAt,
        endedAt,
        closedAt,
        Optional.of(message),
        endReason,
        connect);
  }
}
