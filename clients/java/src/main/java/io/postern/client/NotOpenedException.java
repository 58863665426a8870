package io.postern.client;

/** Why a request came to nothing; never temporary. */
public final class NotOpenedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What stood in the way. */
  public enum Cause {
    /** The record was not believed: see {@code postern-dlt-reason} in the message. */
    REFUSED,
    /** policy-service said no. */
    DENIED,
    /** The enforcer could not open the port, and has given up. */
    FAILED,
    /** The grant ended before the port was open. */
    ENDED
  }

  private final Cause reason;

  NotOpenedException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Cause reason() {
    return reason;
  }
}
