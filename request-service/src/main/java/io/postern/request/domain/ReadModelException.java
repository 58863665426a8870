package io.postern.request.domain;

/** The read model's store does not answer. */
public final class ReadModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReadModelException(String message) {
    super(message);
  }

  public ReadModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
