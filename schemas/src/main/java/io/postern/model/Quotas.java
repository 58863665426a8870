package io.postern.model;

/**
 * How much of a policy may be used.
 *
 * @param perRequestor by one requestor
 * @param total by all requestors together
 */
public record Quotas(Quota perRequestor, Quota total) {
  public static final Quotas NONE = new Quotas(Quota.NONE, Quota.NONE);

  /** Whether they limit nothing. */
  public boolean isEmpty() {
    return perRequestor.isEmpty() && total.isEmpty();
  }
}
