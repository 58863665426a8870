package io.postern.request.domain;

/** Where a request stands, as people see it. */
public enum RequestState {
  SUBMITTED,
  DENIED,
  GRANTED
}
