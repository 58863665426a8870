package io.postern.azure.domain;

import java.util.Optional;

/** One difference between what a rule set must contain and what was observed. */
public sealed interface AzureStep permits NsgStep, FirewallStep {
  /** Whether it makes a port reachable for somebody; everything else closes. */
  boolean opens();

  /** Whether it takes a rule, or a source of one, away. */
  boolean takesAway();

  /** What of it closes, to be written by itself where nothing may be opened; empty for nothing. */
  default Optional<AzureStep> closing() {
    return opens() ? Optional.empty() : Optional.of(this);
  }
}
