package io.postern.simulator.arm;

import java.util.Set;

/**
 * Whether a packet arrives, and why.
 *
 * @param decidedBy {@code group/rule}, {@code firewall/collection/rule}, or a reason in words
 * @param path keys of the security groups and firewalls that judged it
 */
record Verdict(boolean reachable, String decidedBy, Set<String> path) {
  static Verdict no(String reason) {
    return new Verdict(false, reason, Set.of());
  }
}
