package io.postern.azure.exposure;

import java.util.Optional;

/** Ports as a rule writes them: a number, a range, or an asterisk. */
record Ports(int from, int to) {
  private static final Ports ALL = new Ports(0, 65_535);

  /** Empty when the text is none of these; such ports match nothing. */
  static Optional<Ports> parse(String text) {
    if (text.equals("*")) {
      return Optional.of(ALL);
    }
    int dash = text.indexOf('-');
    try {
      int from = Integer.parseInt((dash < 0 ? text : text.substring(0, dash)).strip());
      int to = dash < 0 ? from : Integer.parseInt(text.substring(dash + 1).strip());
      return from < 0 || to < from || to > ALL.to
          ? Optional.empty()
          : Optional.of(new Ports(from, to));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean contains(int port) {
    return from <= port && port <= to;
  }
}
