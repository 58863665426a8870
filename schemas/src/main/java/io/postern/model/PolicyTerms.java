package io.postern.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a policy says beyond ports, sources, durations and who may ask; each is optional.
 *
 * @param denies whether it forbids what it selects, whatever other policies allow
 * @param approval who must agree before a port is granted
 * @param longestExtended up to how long a grant may be extended, from its start; empty for not at
 *     all
 * @param windows when grants may run; empty for always
 * @param condition a CEL expression that must be true, as text
 * @param breakGlass who may open at once in an emergency; empty for nobody
 */
public record PolicyTerms(
    boolean denies,
    Optional<ApprovalRule> approval,
    Optional<Duration> longestExtended,
    List<TimeWindow> windows,
    Optional<String> condition,
    Optional<BreakGlass> breakGlass) {
  public static final PolicyTerms NONE =
      new PolicyTerms(
          false, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  public PolicyTerms {
    windows = List.copyOf(windows);
  }
}
