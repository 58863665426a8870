package io.postern.request.domain;

/** Where a grant stands, as people see it. */
public enum GrantState {
  OPENING,
  OPEN,
  CLOSING,
  CLOSED,
  FAILED
}
