package io.postern.log;

/** A record that cannot be used and never will be: it belongs into the dead-letter topic. */
public final class PoisonException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a record cannot be used. */
  public enum Cause {
    NOT_FRAMED,
    UNKNOWN_SCHEMA,
    UNEXPECTED_TYPE,
    BROKEN_BYTES,
    TOO_LARGE,
    UNSIGNED,
    BAD_SIGNATURE,
    UNKNOWN_KEY,
    NOT_THE_WRITER,
    TOO_OLD,
    NOT_ALLOWED_TO_SPEAK,
    INVALID_CONTENT,
    CONFLICT
  }

  private final Cause reason;

  public PoisonException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Cause reason() {
    return reason;
  }
}
