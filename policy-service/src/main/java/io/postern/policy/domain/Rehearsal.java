package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.policy.domain.PastRequest.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What other policies would have said to what was asked for in the past: all of it is gone through
 * once more in the order of time, by {@link Lifecycle}, each thing at its own time. What was looked
 * up then is taken as it was found. What the policies now ask for and nobody looked up then is
 * tried both ways: where that makes a difference, the answer depends on it.
 */
public final class Rehearsal {

  /** What a change does to a decision. */
  public enum Effect {
    STAYS,
    TURNS,
    /** It turns or not, by something that nobody looked up then. */
    DEPENDS
  }

  /**
   * An answer and its reason.
   *
   * @param why the check that fails, or the policy that decides
   */
  public record Answer(Verdict verdict, String why) {}

  /**
   * A request or a wish under the policies in force and under the changed ones.
   *
   * @param now under those in force; where it depends, as if everything unknown held
   */
  public record Compared(Past.Decided past, Answer now, Answer changed, Effect effect) {

    /** Whether the policies in force would already decide otherwise than was decided then. */
    public boolean hasDriftedAlready() {
      return past.verdict() != now.verdict();
    }
  }

  private final Function<MachineId, Optional<MachineFacts>> machines;
  private final Collection<Policy> inForce;
  private final OperatorBounds bounds;
  private final Conditions conditions;

  /**
   * @param machines what is known of a machine
   * @param inForce the policies in force
   */
  public Rehearsal(
      Function<MachineId, Optional<MachineFacts>> machines,
      Collection<Policy> inForce,
      OperatorBounds bounds,
      Conditions conditions) {
    this.machines = machines;
    this.inForce = List.copyOf(inForce);
    this.bounds = bounds;
    this.conditions = conditions;
  }

  /**
   * The past under the policies in force, beside the same with one of them put anew.
   *
   * @param past in any order; of the same instant in the order in which it happened
   * @return what is decided again, in the order of {@code past}
   */
  public List<Compared> of(Policy changed, List<? extends Past> past) {
    List<Policy> swapped =
        Stream.concat(
                inForce.stream().filter(p -> !p.id().equals(changed.id())), Stream.of(changed))
            .toList();
    Replay now = replayed(inForce, past);
    Replay then = replayed(swapped, past);
    List<Compared> all = new ArrayList<>();
    for (Past each : past) {
      if (each instanceof Past.Decided decided) {
        all.add(compared(decided, now, then));
      }
    }
    return all;
  }

  private static Compared compared(Past.Decided past, Replay now, Replay then) {
    Answer nowKind = now.answer(past, true);
    Answer nowUnkind = now.answer(past, false);
    Answer thenKind = then.answer(past, true);
    Answer thenUnkind = then.answer(past, false);
    boolean turnsKind = nowKind.verdict() != thenKind.verdict();
    boolean turnsUnkind = nowUnkind.verdict() != thenUnkind.verdict();
    boolean known =
        thenKind.verdict() == thenUnkind.verdict() && nowKind.verdict() == nowUnkind.verdict();
    Effect effect =
        !turnsKind && !turnsUnkind ? Effect.STAYS : known ? Effect.TURNS : Effect.DEPENDS;
    Answer changed = effect == Effect.DEPENDS && !turnsKind ? thenUnkind : thenKind;
    return new Compared(past, nowKind, changed, effect);
  }

  private Replay replayed(Collection<Policy> policies, List<? extends Past> past) {
    Replay replay = new Replay(machines, policies, bounds, conditions);
    past.stream()
        .flatMap(Rehearsal::withApprovals)
        .sorted(Comparator.comparing(ReplaySide.Event::at))
        .forEach(replay::take);
    return replay;
  }

  private static Stream<ReplaySide.Event> withApprovals(Past past) {
    Stream<ReplaySide.Event> itself = Stream.of(new ReplaySide.Event.Happened(past));
    return past instanceof PastRequest r
        ? Stream.concat(
            itself, r.approvals().stream().map(a -> new ReplaySide.Event.Approved(r.request(), a)))
        : itself;
  }
}
