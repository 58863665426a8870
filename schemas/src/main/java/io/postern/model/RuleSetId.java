package io.postern.model;

/**
 * What is written in one call in the cloud: an NSG or firewall by its ARM id in lower case, a
 * security group as {@code aws:{account}:{region}:sg-...}, a machine's own access group as {@code
 * aws:{account}:{region}:i-...}.
 */
public record RuleSetId(String value) implements Comparable<RuleSetId> {
  public RuleSetId {
    if (value.isBlank()) {
      throw new InvalidValueException("must name a rule set", value);
    }
  }

  @Override
  public int compareTo(RuleSetId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
