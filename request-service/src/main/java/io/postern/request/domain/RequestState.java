package io.postern.request.domain;

/** Where a request stands, as people see it. */
public enum RequestState {
  SUBMITTED,
  PENDING_APPROVAL,
  DENIED,
  GRANTED,
  /** Taken back before it was decided. */
  WITHDRAWN,
  /** Nobody approved in time. */
  TIMED_OUT
}
