package io.postern.policy.domain;

/** Why a wish about a request or a grant is refused. */
public enum Refusal {
  /** Nobody approves the own request. */
  SELF_APPROVAL,
  /** Nobody reviews the own use of break-glass. */
  SELF_REVIEW,
  /** The policy does not name the person as an approver. */
  NOT_AN_APPROVER,
  /** The person is an approver of another level, and that level's turn is not now. */
  NOT_THIS_LEVEL,
  /** The person has approved this before. */
  ALREADY_COUNTED,
  /** The approval is for another content than the request has. */
  OTHER_DIGEST,
  /** The request's time for approvals is up. */
  TIMED_OUT,
  /** The request has its final decision. */
  ALREADY_DECIDED,
  /** No such request or grant is known. */
  UNKNOWN,
  /** The person may not do this to somebody else's request or grant. */
  NOT_YOURS,
  /** The grant has ended. */
  OVER,
  /** The policy lets no grant be extended. */
  NOT_EXTENDABLE,
  /** The grant would last longer than the policy lets it. */
  BEYOND_LIMIT,
  /** What the policy asks for does not hold for the longer time. */
  POLICY_UNSATISFIED;

  /** Whether it stands against a yes only: an approver may say no at any time. */
  boolean onlyToYes() {
    return this == NOT_THIS_LEVEL || this == ALREADY_COUNTED;
  }

  /** Of an approval, in a sentence. */
  String sentence(String subject) {
    return switch (this) {
      case SELF_APPROVAL -> subject + " asked, and nobody approves the own request";
      case NOT_AN_APPROVER -> "the policy does not name " + subject + " as an approver";
      case NOT_THIS_LEVEL -> subject + " approves at another level, whose turn it is not";
      case ALREADY_COUNTED -> subject + " has approved this before";
      default -> name();
    };
  }
}
