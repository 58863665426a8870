package io.postern.model;

import java.util.List;
import java.util.Optional;

/**
 * Hardly any grant fits on a machine any more, because a limit of its cloud's is near.
 *
 * @param rulesLeft rules that a further grant may add at most
 * @param reason which limit, and where; for people
 * @param shared rules that take the sources of further grants, which then need none of those left
 */
public record Shortage(int rulesLeft, String reason, List<SharedRule> shared) {
  public Shortage {
    shared = List.copyOf(shared);
  }

  /** One in which every grant needs rules of its own. */
  public Shortage(int rulesLeft, String reason) {
    this(rulesLeft, reason, List.of());
  }

  /** So many rules left or fewer are a shortage; more are not worth telling. */
  public static final int FEW = 10;

  /** A shortage, if that is one. */
  public static Optional<Shortage> of(int rulesLeft, String reason) {
    return rulesLeft > FEW
        ? Optional.empty()
        : Optional.of(new Shortage(Math.max(0, rulesLeft), reason));
  }

  /** The same with rules that take further sources. */
  public Shortage with(List<SharedRule> rules) {
    return new Shortage(rulesLeft, reason, rules);
  }

  /** The worse of two. */
  public static Optional<Shortage> worse(Optional<Shortage> one, Optional<Shortage> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.or(() -> other);
    }
    return one.get().rulesLeft() <= other.get().rulesLeft() ? one : other;
  }
}
