package io.postern.request.domain;

/** A cursor that no page has told. */
public final class InvalidCursorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String given;

  public InvalidCursorException(String given) {
    super("no cursor of a page: " + given);
    this.given = given;
  }

  public String given() {
    return given;
  }
}
