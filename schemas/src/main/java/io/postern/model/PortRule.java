package io.postern.model;

import java.time.Duration;
import java.util.List;

/**
 * What a policy says of a port or a range.
 *
 * @param sources networks within which sources are allowed; empty means whatever the requestor asks
 *     for, within the policy's maximum source width
 */
public record PortRule(PortSpec ports, List<Cidr> sources, Duration maxDuration) {
  public PortRule {
    sources = List.copyOf(sources);
    if (maxDuration.isNegative() || maxDuration.isZero()) {
      throw new InvalidValueException("must be longer than zero", maxDuration.toString());
    }
  }
}
