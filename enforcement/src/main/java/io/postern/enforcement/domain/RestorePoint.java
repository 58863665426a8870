package io.postern.enforcement.domain;

import java.util.List;

/**
 * What was removed or displaced in a rule set and is still owed to it. One is recorded for every
 * rule set that carries anything of ours, before the first write, even when nothing had to be
 * displaced.
 */
public record RestorePoint(List<Displaced> displaced) {

  /**
   * A rule that was taken away.
   *
   * @param id the rule's identity, stable over its removal
   * @param document the rule as JSON, everything needed to put it back
   */
  public record Displaced(String id, String document) {}

  /** Nothing displaced. */
  public static final RestorePoint NOTHING = new RestorePoint(List.of());

  public RestorePoint {
    displaced = List.copyOf(displaced);
  }
}
