package io.postern.simulator.arm;

/** What a write meets while another one on the same top-level resource is running. */
public enum RacingWrites {
  /** 429 {@code RetryableErrorDueToAnotherOperation}: a lock, not a quota. */
  LOCK_429,
  /** 409 {@code AnotherOperationInProgress}. */
  CONFLICT_409,
  /** The newer write wins; the older operation ends {@code Canceled}. */
  SUPERSEDE
}
