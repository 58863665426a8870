package io.postern.aws.domain;

import java.util.List;

/**
 * Quotas of the account, and what a rule for all protocols is spelled out to.
 *
 * @param rulesPerGroup ingress rules of a group for each address family; EC2's default is 60
 * @param groupsPerInterface groups of a network interface; EC2's default is 5
 * @param otherProtocols numbers of the protocols without ports that a lock-down keeps of a rule for
 *     all protocols
 */
public record Limits(int rulesPerGroup, int groupsPerInterface, List<String> otherProtocols) {

  /** EC2's quotas; GRE, ESP, AH and SCTP. */
  public static final Limits DEFAULT = new Limits(60, 5, List.of("47", "50", "51", "132"));

  public Limits {
    otherProtocols = List.copyOf(otherProtocols);
  }
}
