package io.postern.cli;

/** Ends a command with a sentence for people and an exit code of {@link Exit}. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int status;

  CliException(int exitCode, String message) {
    this(exitCode, message, 0);
  }

  /**
   * @param status what the server answered; 0 when it did not
   */
  CliException(int exitCode, String message, int status) {
    super(message);
    this.exitCode = exitCode;
    this.status = status;
  }

  int status() {
    return status;
  }

  int exitCode() {
    return exitCode;
  }
}
