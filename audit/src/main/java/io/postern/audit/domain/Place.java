package io.postern.audit.domain;

import java.util.Comparator;

/** A partition of a topic. */
public record Place(String topic, int partition) implements Comparable<Place> {
  private static final Comparator<Place> ORDER =
      Comparator.comparing(Place::topic).thenComparingInt(Place::partition);

  /**
   * Reads {@code <topic>/<partition>}.
   *
   * @throws IllegalArgumentException when it is not that
   */
  public static Place parse(String text) {
    int slash = text.lastIndexOf('/');
    try {
      if (slash > 0) {
        return new Place(
            text.substring(0, slash), Integer.parseUnsignedInt(text.substring(slash + 1)));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("not a topic and partition: " + text);
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return topic + "/" + partition;
  }
}
