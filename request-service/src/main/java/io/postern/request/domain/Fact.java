package io.postern.request.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What one record of the log says about the things that people ask for. Every fact may come twice
 * and in any order.
 */
public sealed interface Fact {

  /** A fact about one request. */
  sealed interface OfRequest extends Fact {
    RequestId request();
  }

  /** The request itself. */
  record Submitted(
      RequestId request,
      Owner owner,
      List<MachineId> machines,
      Optional<String> justification,
      Instant at)
      implements OfRequest {
    public Submitted {
      machines = List.copyOf(machines);
    }
  }

  /** One machine of it was refused. */
  record Denied(RequestId request, Owner owner, MachineId machine, List<Denial> reasons)
      implements OfRequest {
    public Denied {
      reasons = List.copyOf(reasons);
    }
  }

  /** Approvers are asked, or asked again. */
  record Asked(RequestId request, Owner owner, ApprovalView view) implements OfRequest {}

  /**
   * A wish about the request was refused.
   *
   * @param eventId of the refusal
   */
  record WishRefused(RequestId request, String eventId, Refused why) implements OfRequest {}

  /**
   * Something happened to a grant.
   *
   * @param owner whose it is, where the event says so
   * @param change what it does to what was known of the grant
   */
  record GrantChanged(
      RequestId request,
      GrantId grant,
      MachineId machine,
      Optional<Owner> owner,
      UnaryOperator<GrantView> change)
      implements OfRequest {
    /** The grant after this. */
    public GrantView applyTo(Optional<GrantView> before) {
      return change.apply(before.orElseGet(() -> GrantView.unknown(grant, request, machine)));
    }
  }

  /** Break-glass was used for a grant. */
  record BreakGlassUsed(GrantId grant, String policy, String justification, Instant at)
      implements Fact {}

  /** A use of break-glass was looked into. */
  record BreakGlassReviewed(GrantId grant, String by) implements Fact {}

  /** A machine is locked down, or could not be. */
  record LockedDown(MachineId machine, LockdownView view) implements Fact {}

  /**
   * What a change of a policy that was only rehearsed would write for one machine.
   *
   * @param changeId of the rehearsal
   */
  record Planned(String changeId, PlanView plan) implements Fact {}

  /** A machine is no longer under JIT. */
  record Lifted(MachineId machine) implements Fact {}

  /** A grant was given. */
  static Fact granted(RequestId request, GrantId grant, MachineId machine, GrantView.Given what) {
    return new GrantChanged(
        request, grant, machine, Optional.of(what.owner()), g -> g.granted(what));
  }

  private static Fact changed(
      RequestId request, GrantId grant, MachineId machine, UnaryOperator<GrantView> change) {
    return new GrantChanged(request, grant, machine, Optional.empty(), change);
  }

  /** A grant ends later. */
  static Fact extended(RequestId request, GrantId grant, MachineId machine, Instant until) {
    return changed(request, grant, machine, g -> g.extended(until));
  }

  /** A grant's port is reachable. */
  static Fact opened(RequestId request, GrantId grant, MachineId machine, GrantView.Opened how) {
    return changed(request, grant, machine, g -> g.opened(how));
  }

  /** A grant's time is said to be up; of an end that an extension has moved nothing follows. */
  static Fact expired(RequestId request, GrantId grant, MachineId machine, Instant at) {
    return changed(request, grant, machine, g -> g.expired(at));
  }

  /** A grant was ended early. */
  static Fact revoked(RequestId request, GrantId grant, MachineId machine, GrantView.Over why) {
    return changed(request, grant, machine, g -> g.revoked(why));
  }

  /** Nothing of a grant is left in the cloud. */
  static Fact closed(RequestId request, GrantId grant, MachineId machine, GrantView.Over why) {
    return changed(request, grant, machine, g -> g.closed(why));
  }

  /** A grant could not be opened. */
  static Fact failed(RequestId request, GrantId grant, MachineId machine, String message) {
    return changed(request, grant, machine, g -> g.failed(message));
  }
}
