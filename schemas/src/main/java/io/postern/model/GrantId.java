package io.postern.model;

import java.util.UUID;

/** The id of a grant. */
public record GrantId(UUID value) implements Comparable<GrantId> {

  /**
   * @throws InvalidValueException when the text is not a UUID
   */
  public static GrantId parse(String text) {
    return new GrantId(Ids.parse(text));
  }

  /** The grant that a request over this machine yields; always the same. */
  public static GrantId of(RequestId request, MachineId machine) {
    return new GrantId(Ids.derived("grant", request.toString(), machine.toString()));
  }

  @Override
  public int compareTo(GrantId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
