package io.postern.policy.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is remembered of requests and grants. A request and its grant go by the grant's id. */
public interface Ledger {

  /** How far a request has come. */
  enum Standing {
    UNKNOWN,
    TAKEN,
    TIMED_OUT
  }

  /** TAKEN from the moment that a request was granted, denied or made to wait. */
  Standing standing(MachineId machine, GrantId id);

  /** Whether a wish has been answered. */
  boolean isAnswered(Wish wish);

  /** The use of break-glass that nobody has reviewed. */
  Optional<Unreviewed> unreviewed(MachineId machine, GrantId id);

  Optional<Pending> pending(MachineId machine, GrantId id);

  /** The grant, until it is over. */
  Optional<Grant> grant(MachineId machine, GrantId id);

  /** The owner's grants on the machine that have not ended. */
  List<Grant> running(MachineId machine, Owner owner);

  /** How much policies are used. */
  Usage usage();

  /** A request that waits for the other machines that were asked for with it. */
  Optional<Held> held(MachineId machine, GrantId id);

  /** Who took such a request back, if anybody did. */
  Optional<String> withdrawnBy(MachineId machine, GrantId id);

  /** What the machine said last. */
  Optional<Ballot> ballot(MachineId machine, GrantId id);

  /** The ballots of a request that were counted here, by machine. */
  Map<MachineId, Ballot> ballots(RequestId request);

  /** What became of a request that was counted here. */
  Optional<Settlement> settlement(RequestId request);
}
