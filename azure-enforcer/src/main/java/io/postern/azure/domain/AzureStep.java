package io.postern.azure.domain;

/** One difference between what a rule set must contain and what was observed. */
public sealed interface AzureStep permits NsgStep, FirewallStep {
  /** Whether it makes a port reachable; everything else closes. */
  boolean opens();

  /** Whether it takes a rule away. */
  boolean takesAway();
}
