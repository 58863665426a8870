package io.postern.simulator.ec2;

import org.jspecify.annotations.Nullable;

/**
 * A connection that was let in. A tracked one outlives the rule that let it in; an untracked one is
 * asked again at every change.
 */
record Connection(
    String id,
    Flow flow,
    String interfaceId,
    String allowedBy,
    boolean tracked,
    @Nullable String diedBecause) {

  boolean alive() {
    return diedBecause == null;
  }

  Connection died(String why) {
    return new Connection(id, flow, interfaceId, allowedBy, tracked, why);
  }
}
