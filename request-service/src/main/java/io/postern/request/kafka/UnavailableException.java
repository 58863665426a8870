package io.postern.request.kafka;

/** The log did not take an event within the bound; nothing was accepted, or nobody knows. */
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnavailableException(Throwable cause) {
    super("the log did not take the event in time", cause);
  }
}
