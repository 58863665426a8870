package io.postern.model;

import java.util.UUID;

/** The id of a request. */
public record RequestId(UUID value) implements Comparable<RequestId> {

  /**
   * @throws InvalidValueException when the text is not a UUID
   */
  public static RequestId parse(String text) {
    return new RequestId(Ids.parse(text));
  }

  @Override
  public int compareTo(RequestId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
