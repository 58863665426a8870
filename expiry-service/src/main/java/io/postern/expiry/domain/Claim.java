package io.postern.expiry.domain;

import org.jspecify.annotations.Nullable;

/**
 * What one record says about an instant of a grant, believed or not yet, with what was said before
 * it.
 */
final class Claim {
  /** Of a grant that ended otherwise, or has no such instant. */
  static final long OVER = Long.MAX_VALUE;

  final long record;
  final long due;
  boolean verified;
  @Nullable Claim older;

  Claim(long record, long due, boolean verified, @Nullable Claim older) {
    this.record = record;
    this.due = due;
    this.verified = verified;
    this.older = older;
  }
}
