package io.postern.cli;

/** Exit codes that scripts can rely on. */
final class Exit {
  /** It is as was asked for. */
  static final int OK = 0;

  /** Denied, refused, failed, or in no state for it. */
  static final int REFUSED = 1;

  /** The command line or what it names is wrong. */
  static final int USAGE = 2;

  /** It did not come about within the time. */
  static final int TIMEOUT = 3;

  /** Postern does not answer. */
  static final int UNREACHABLE = 4;

  /** No token, or one that does not allow it. */
  static final int NOT_ALLOWED = 5;

  private Exit() {}
}
