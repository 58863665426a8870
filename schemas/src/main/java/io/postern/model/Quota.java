package io.postern.model;

import java.util.OptionalInt;

/**
 * How much of a policy may be used, whoever it counts for.
 *
 * @param openGrants most grants that have not ended, one for each machine; empty for any number
 * @param requestsPerHour most requests that were granted or put before approvers in the hour
 *     before, one for each machine; empty for any number
 */
public record Quota(OptionalInt openGrants, OptionalInt requestsPerHour) {
  public static final Quota NONE = new Quota(OptionalInt.empty(), OptionalInt.empty());

  /** Whether it limits nothing. */
  public boolean isEmpty() {
    return openGrants.isEmpty() && requestsPerHour.isEmpty();
  }
}
