package io.postern.audit.domain;

/** A copy cannot be read at some place; the message says where. */
public final class UnreadableCopyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableCopyException(String message) {
    super(message);
  }
}
