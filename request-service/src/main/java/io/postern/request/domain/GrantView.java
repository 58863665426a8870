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
 * @param extendedTo the latest end that an extension gave it
 * @param expiredAt the latest end that was said to be reached
 * @param failure why it could not be opened
 */
public record GrantView(
    GrantId id,
    RequestId request,
    MachineId machine,
    Optional<Given> given,
    Optional<Instant> extendedTo,
    Optional<Opened> opened,
    Optional<Instant> expiredAt,
    Optional<Over> revoked,
    Optional<Over> closed,
    Optional<String> failure) {

  /** What was granted. */
  public record Given(
      Owner owner,
      List<PortSpec> ports,
      List<Cidr> sources,
      Instant at,
      Instant startsAt,
      Instant expiresAt,
      String policy,
      List<String> approvers) {}

  /** What an enforcer said when the port was open. */
  public record Opened(Instant at, List<Connect> connect) {}

  /** When something was over, and why. */
  public record Over(Instant at, String reason) {}

  static GrantView unknown(GrantId id, RequestId request, MachineId machine) {
    return new GrantView(
        id,
        request,
        machine,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Who asked; empty while only its enforcement is known. */
  public String requestor() {
    return given.map(g -> g.owner().subject()).orElse("");
  }

  /** Its end, extensions included. */
  public Optional<Instant> expiresAt() {
    return given.map(Given::expiresAt).map(e -> later(extendedTo, e)).or(() -> extendedTo);
  }

  private boolean isExpired() {
    return expiredAt.filter(e -> expiresAt().filter(end -> e.isBefore(end)).isEmpty()).isPresent();
  }

  public Optional<String> endReason() {
    return revoked
        .map(Over::reason)
        .or(() -> isExpired() ? Optional.of("EXPIRED") : Optional.empty())
        .or(() -> closed.map(Over::reason));
  }

  /** Where it stands at this moment. */
  public GrantState state(Instant now) {
    if (failure.isPresent() && opened.isEmpty()) {
      return GrantState.FAILED;
    }
    if (closed.isPresent()) {
      return GrantState.CLOSED;
    }
    if (revoked.isPresent() || isExpired()) {
      return GrantState.CLOSING;
    }
    if (opened.isPresent()) {
      return GrantState.OPEN;
    }
    return given.filter(g -> g.startsAt().isAfter(now)).isPresent()
        ? GrantState.SCHEDULED
        : GrantState.OPENING;
  }

  GrantView granted(Given what) {
    return with(Optional.of(what), extendedTo, opened, expiredAt, revoked, closed, failure);
  }

  GrantView extended(Instant until) {
    Optional<Instant> latest = Optional.of(later(extendedTo, until));
    return with(given, latest, opened, expiredAt, revoked, closed, failure);
  }

  GrantView opened(Opened how) {
    return with(given, extendedTo, Optional.of(how), expiredAt, revoked, closed, failure);
  }

  GrantView expired(Instant at) {
    Optional<Instant> latest = Optional.of(later(expiredAt, at));
    return with(given, extendedTo, opened, latest, revoked, closed, failure);
  }

  GrantView revoked(Over why) {
    return with(given, extendedTo, opened, expiredAt, Optional.of(why), closed, failure);
  }

  GrantView closed(Over why) {
    return with(given, extendedTo, opened, expiredAt, revoked, Optional.of(why), failure);
  }

  GrantView failed(String message) {
    return with(given, extendedTo, opened, expiredAt, revoked, closed, Optional.of(message));
  }

  private static Instant later(Optional<Instant> one, Instant other) {
    return one.filter(o -> o.isAfter(other)).orElse(other);
  }

  private GrantView with(
      Optional<Given> g,
      Optional<Instant> until,
      Optional<Opened> how,
      Optional<Instant> expired,
      Optional<Over> ended,
      Optional<Over> shut,
      Optional<String> why) {
    return new GrantView(id, request, machine, g, until, how, expired, ended, shut, why);
  }
}
