package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.policy.domain.Rehearsal.Answer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The past under some policies, lived through twice side by side: as if everything held that nobody
 * looked up then, and as if nothing of it did. Once both give a policy another use, its quotas are
 * unknown too, and are guessed in the same way.
 */
final class Replay {
  private final Set<PolicyId> unsure = new HashSet<>();
  private final ReplaySide kind;
  private final ReplaySide unkind;

  Replay(
      Function<MachineId, Optional<MachineFacts>> machines,
      Collection<Policy> policies,
      OperatorBounds bounds,
      Conditions conditions) {
    ReplaySide.Setup setup = new ReplaySide.Setup(machines, policies, bounds, conditions);
    this.kind = new ReplaySide(setup, true, unsure);
    this.unkind = new ReplaySide(setup, false, unsure);
  }

  void take(ReplaySide.Event event) {
    Set<ReplaySide.Use> one = kind.take(event);
    Set<ReplaySide.Use> other = unkind.take(event);
    Stream.concat(
            one.stream().filter(u -> !other.contains(u)),
            other.stream().filter(u -> !one.contains(u)))
        .forEach(u -> unsure.add(u.policy()));
  }

  /** What was said, with everything unknown holding or not. */
  Answer answer(Past.Decided past, boolean ifItHolds) {
    return (ifItHolds ? kind : unkind).answer(past);
  }
}
