package io.postern.policy.domain;

/**
 * Something about a request that was looked up outside before it was held against the policies.
 *
 * @param subject the ticket, or the requestor's identity in the cloud
 * @param detail what came of it, in a sentence
 */
public record Finding(Kind kind, String subject, Result result, String detail) {

  /** What was looked up. */
  public enum Kind {
    TICKET,
    CLOUD_PERMISSION
  }

  /** Only HOLDS satisfies a policy. */
  public enum Result {
    HOLDS,
    FAILS,
    UNAVAILABLE
  }
}
