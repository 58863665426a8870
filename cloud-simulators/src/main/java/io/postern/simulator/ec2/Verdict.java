package io.postern.simulator.ec2;

/** What the network does with a flow, and what decided it. */
sealed interface Verdict {
  String decidedBy();

  /**
   * Let in.
   *
   * @param decidedBy group and rule, {@code sg-.../sgr-...}
   * @param tracked whether the flow then lives on without the rule
   */
  record Admitted(String interfaceId, String decidedBy, boolean tracked) implements Verdict {}

  record Blocked(String decidedBy) implements Verdict {}
}
