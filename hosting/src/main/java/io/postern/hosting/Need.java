package io.postern.hosting;

import java.util.Optional;

/** Something outside that a service cannot start without. */
public interface Need {

  /** What it is, in words, for whoever reads the log. */
  String name();

  /**
   * Looks whether it is there, in bounded time.
   *
   * @return what is missing; empty when nothing is
   * @throws IllegalStateException when it is there and can never fit, so that waiting is no use
   */
  Optional<String> missing();
}
