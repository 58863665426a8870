package io.postern.request.domain;

/** Where a grant stands, as people see it. */
public enum GrantState {
  /** Granted for later. */
  SCHEDULED,
  OPENING,
  OPEN,
  CLOSING,
  CLOSED,
  FAILED
}
