package io.postern.simulator.arm;

import org.jspecify.annotations.Nullable;

/** Ports from one to another, both included. */
record PortRange(int from, int to) {
  /** Parses {@code *}, {@code 22} or {@code 80-90}; null when it is none of them. */
  static @Nullable PortRange parse(String text) {
    if (text.equals("*")) {
      return new PortRange(0, 65535);
    }
    int dash = text.indexOf('-');
    int from = port(dash < 0 ? text : text.substring(0, dash));
    int to = dash < 0 ? from : port(text.substring(dash + 1));
    return from < 0 || to < from ? null : new PortRange(from, to);
  }

  private static int port(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int port = Integer.parseInt(text);
    return port <= 65535 ? port : -1;
  }

  boolean contains(int port) {
    return from <= port && port <= to;
  }
}
