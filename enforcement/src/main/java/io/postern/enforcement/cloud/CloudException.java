package io.postern.enforcement.cloud;

import io.postern.model.ErrorCode;
import java.time.Duration;
import java.util.Optional;

/** Reading from a cloud failed. */
public final class CloudException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Optional<Duration> retryAfter;

  public CloudException(ErrorCode code, String message, Optional<Duration> retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  public ErrorCode code() {
    return code;
  }

  /** What the cloud asked us to wait, if it did. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
