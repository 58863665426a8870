package io.postern.model;

import java.util.Optional;

/**
 * What a policy asks for beyond ports, sources, durations and who may ask; each is optional.
 *
 * @param approval who must agree before a port is granted
 */
public record PolicyTerms(Optional<ApprovalRule> approval) {
  public static final PolicyTerms NONE = new PolicyTerms(Optional.empty());
}
