package io.postern.cli;

/** Exit codes that scripts can rely on. */
public final class Exit {
  /** It is as was asked for. */
  public static final int OK = 0;

  /** Denied, refused, failed, or in no state for it. */
  public static final int REFUSED = 1;

  /** The command line or what it names is wrong. */
  public static final int USAGE = 2;

  /** It did not come about within the time. */
  public static final int TIMEOUT = 3;

  /** Postern does not answer. */
  public static final int UNREACHABLE = 4;

  /** No token, or one that does not allow it. */
  public static final int NOT_ALLOWED = 5;

  private Exit() {}
}
