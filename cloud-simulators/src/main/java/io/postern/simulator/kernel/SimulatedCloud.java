package io.postern.simulator.kernel;

/** What a cloud adds to the kernel: its own API, its own test API, its own way to say an error. */
public interface SimulatedCloud {

  /** Answers a call of the cloud's own API. Called concurrently. */
  Response handle(Request request);

  /**
   * Answers a call below {@code /_simulator/} that the kernel does not know itself: reachable,
   * connections, reset, edits by a foreign hand.
   */
  Response handleSimulator(Request request);

  /**
   * The name under which faults and journal know a call: an EC2 action, or ARM's method and
   * resource type, for example {@code PUT networkSecurityGroups/securityRules}.
   */
  String actionOf(Request request);

  /** An error in the cloud's own format. */
  Response error(int status, String code, String message);
}
