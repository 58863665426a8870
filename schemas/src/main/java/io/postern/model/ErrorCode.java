package io.postern.model;

/** Why something did not happen, for machines; the message beside it is for people. */
public enum ErrorCode {
  INVALID_REQUEST,
  NOT_ENTITLED,
  POLICY_UNSATISFIED,
  POLICY_FAILED,
  TARGET_NOT_FOUND,
  UNSUPPORTED_TARGET,
  /** An approver said no. */
  APPROVAL_REFUSED,
  /** Nobody approved in time. */
  TIMED_OUT,
  /** The requestor, or an admin, took the request back. */
  WITHDRAWN,
  CONFLICT,
  THROTTLED,
  CLOUD_UNAVAILABLE,
  CLOUD_DENIED,
  POISON,
  INTERNAL
}
