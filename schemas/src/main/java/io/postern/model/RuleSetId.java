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

  /**
   * The scope that it belongs to.
   *
   * @throws InvalidValueException when the id is of neither form
   */
  public Scope scope() {
    String[] parts = value.split(value.startsWith("/") ? "/" : ":", -1);
    if (value.startsWith("/subscriptions/")) {
      return Scope.azure(parts[2]);
    }
    if (value.startsWith("aws:") && parts.length == 4) {
      return Scope.aws(parts[1], parts[2]);
    }
    throw new InvalidValueException("must be an ARM id or aws:{account}:{region}:{id}", value);
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
