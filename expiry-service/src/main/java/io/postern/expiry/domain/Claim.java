package io.postern.expiry.domain;

import org.jspecify.annotations.Nullable;

/** What one record says about a grant, believed or not yet, with what was said before it. */
final class Claim {
  /** The end of a grant that ended otherwise. */
  static final long OVER = Long.MAX_VALUE;

  final long record;
  final long end;
  boolean verified;
  @Nullable Claim older;

  Claim(long record, long end, boolean verified, @Nullable Claim older) {
    this.record = record;
    this.end = end;
    this.verified = verified;
    this.older = older;
  }
}
