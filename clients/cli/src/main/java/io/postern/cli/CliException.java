package io.postern.cli;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Ends a command with a sentence for people and an exit code of {@link Exit}. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int status;
  private final transient JsonNode problem;

  public CliException(int exitCode, String message) {
    this(exitCode, message, 0, MissingNode.getInstance());
  }

  /**
   * @param status what the server answered; 0 when it did not
   * @param problem its answer
   */
  public CliException(int exitCode, String message, int status, JsonNode problem) {
    super(message);
    this.exitCode = exitCode;
    this.status = status;
    this.problem = problem;
  }

  /** What the server said is wrong; a missing node when it said nothing. */
  JsonNode problem() {
    return problem;
  }

  int status() {
    return status;
  }

  public int exitCode() {
    return exitCode;
  }
}
