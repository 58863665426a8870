package io.postern.model;

import java.util.regex.Pattern;

/** A policy's name, which is its id. */
public record PolicyId(String value) implements Comparable<PolicyId> {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,79}");

  /**
   * @throws InvalidValueException when the name has other characters or is too long
   */
  public PolicyId {
    if (!NAME.matcher(value).matches()) {
      throw new InvalidValueException(
          "must be 1 to 80 letters, digits, dots, dashes or underscores, a letter or digit first",
          value);
    }
  }

  @Override
  public int compareTo(PolicyId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
