package io.postern.audit.cli;

/** Ends a command with a sentence for people and an exit code. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Something was found, refused or failed. */
  static final int FOUND = 1;

  /** The command line or what it names is wrong. */
  static final int USAGE = 2;

  /** Kafka, the registry or the bucket does not answer. */
  static final int UNREACHABLE = 4;

  private final int exitCode;

  CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
