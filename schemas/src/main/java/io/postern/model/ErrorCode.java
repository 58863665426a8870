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
  /** The policy's quota is used up. */
  QUOTA_EXCEEDED,
  /** A limit of the cloud's leaves no room for the rules that a grant needs. */
  NO_ROOM,
  /** No ticket is named, or the one that is named is not open. */
  TICKET_UNSATISFIED,
  /** The ticket system did not answer. */
  TICKET_UNAVAILABLE,
  /** All machines or none were asked for, and another one was denied. */
  NOT_TOGETHER,
  CONFLICT,
  THROTTLED,
  CLOUD_UNAVAILABLE,
  CLOUD_DENIED,
  POISON,
  INTERNAL
}
