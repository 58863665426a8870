package io.postern.log;

/** The schema registry did not do what was asked. */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status the registry's HTTP status; 0 when it gave no answer
   */
  public RegistryException(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Whether the registry said that it does not know the schema, as opposed to not answering. */
  public boolean isNotFound() {
    return status == 404;
  }
}
