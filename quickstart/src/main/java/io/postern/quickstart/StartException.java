package io.postern.quickstart;

/** Starting makes no sense; the message is one sentence for the person who started it. */
final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }
}
