package io.postern.policy.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A grant as it stands.
 *
 * @param expiresAt its end, unless it ends before
 * @param reminder how long before its end the requestor is reminded; empty for never
 * @param end why it is over; empty while it runs, also when its time is up and nobody has said so
 * @param closed whether an enforcer has reported the port closed
 */
public record Grant(
    GrantId id,
    RequestId request,
    MachineId machine,
    Owner owner,
    List<PortSpec> ports,
    List<Cidr> sources,
    Instant startsAt,
    Instant expiresAt,
    PolicyId policy,
    long policyVersion,
    Optional<Duration> reminder,
    Optional<End> end,
    boolean closed) {

  /** Why a grant ends. */
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

  static Grant of(AccessRequest r, Decision.Granted d) {
    return new Grant(
        r.grantId(),
        r.id(),
        r.machine(),
        Owner.of(r.requestor()),
        r.ports(),
        r.canonicalSources(),
        d.startsAt(),
        d.expiresAt(),
        d.policy(),
        d.policyVersion(),
        d.reminder(),
        Optional.empty(),
        false);
  }

  public boolean isRunning() {
    return end.isEmpty();
  }

  /** Whether nothing is left to do or to say about it. */
  public boolean isOver() {
    return end.isPresent() && closed;
  }

  /**
   * Whether the request asks again, as the same person, for everything that this grant gives, and
   * for some of the same time.
   */
  boolean isSupersededBy(AccessRequest request, Instant now) {
    Instant from = request.startsAt(now);
    return from.isBefore(expiresAt)
        && startsAt.isBefore(from.plus(request.duration()))
        && owner.subject().equals(request.requestor().subject())
        && owner.issuer().equals(request.requestor().issuer())
        && ports.stream().allMatch(p -> request.ports().stream().anyMatch(r -> r.covers(p)))
        && sources.stream().allMatch(s -> request.sources().stream().anyMatch(r -> r.contains(s)));
  }

  Grant ended(End why) {
    return with(expiresAt, Optional.of(why), closed);
  }

  Grant reportedClosed() {
    return with(expiresAt, end, true);
  }

  /** What is asked for anew when the grant shall last until another end. */
  AccessRequest extendedRequest(Wish.Extension wish, Instant newEnd) {
    return new AccessRequest(
        request,
        machine,
        wish.by(),
        ports,
        sources,
        Optional.of(startsAt),
        Duration.between(startsAt, newEnd),
        wish.justification(),
        false,
        startsAt,
        "");
  }

  Grant until(Instant newEnd) {
    return with(newEnd, end, closed);
  }

  private Grant with(Instant expires, Optional<End> why, boolean reported) {
    return new Grant(
        id,
        request,
        machine,
        owner,
        ports,
        sources,
        startsAt,
        expires,
        policy,
        policyVersion,
        reminder,
        why,
        reported);
  }
}
