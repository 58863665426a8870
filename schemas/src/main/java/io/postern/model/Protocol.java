package io.postern.model;

/** Transport protocol; ANY stands for every protocol that has ports. */
public enum Protocol {
  TCP,
  UDP,
  ANY;

  /** Whether traffic of the other protocol is part of this one's. */
  public boolean covers(Protocol other) {
    return this == ANY || this == other;
  }

  public boolean overlaps(Protocol other) {
    return this == ANY || other == ANY || this == other;
  }

  /**
   * Reads a name in any case; {@code *} means ANY.
   *
   * @throws InvalidValueException when it is none of TCP, UDP, ANY
   */
  public static Protocol parse(String text) {
    for (Protocol p : values()) {
      if (p.name().equalsIgnoreCase(text)) {
        return p;
      }
    }
    if (text.equals("*")) {
      return ANY;
    }
    throw new InvalidValueException("must be TCP, UDP or ANY", text);
  }
}
