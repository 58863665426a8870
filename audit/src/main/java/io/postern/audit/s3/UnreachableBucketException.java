package io.postern.audit.s3;

import java.io.IOException;

/** Nobody answered, or nobody could be asked: no network, no credentials. */
public final class UnreachableBucketException extends IOException {
  private static final long serialVersionUID = 1L;

  UnreachableBucketException(String message, Throwable cause) {
    super(message, cause);
  }
}
