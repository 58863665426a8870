package io.postern.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Ports from first to last, both included, 1 to 65535. */
public record PortRange(int from, int to) implements Comparable<PortRange> {
  public PortRange {
    if (from < 1 || to > 65535 || from > to) {
      throw new InvalidValueException(
          "must be a port or a range first-last within 1-65535",
          from == to ? "" + from : from + "-" + to);
    }
  }

  public static PortRange of(int port) {
    return new PortRange(port, port);
  }

  /**
   * Reads {@code 22} or {@code 20-30}.
   *
   * @throws InvalidValueException when it is neither
   */
  public static PortRange parse(String text) {
    String trimmed = text.strip();
    int dash = trimmed.indexOf('-');
    try {
      return dash < 0
          ? of(number(trimmed))
          : new PortRange(number(trimmed.substring(0, dash)), number(trimmed.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw new InvalidValueException("must be a port or a range first-last within 1-65535", text);
    }
  }

  private static int number(String digits) {
    if (!digits.matches("[0-9]{1,5}")) {
      throw new NumberFormatException(digits);
    }
    return Integer.parseInt(digits);
  }

  /** Sorted, those that overlap joined. */
  public static List<PortRange> joined(Collection<PortRange> ranges) {
    List<PortRange> joined = new ArrayList<>();
    for (PortRange p : ranges.stream().sorted().toList()) {
      PortRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && last.overlaps(p)) {
        joined.set(joined.size() - 1, new PortRange(last.from(), Math.max(last.to(), p.to())));
      } else {
        joined.add(p);
      }
    }
    return joined;
  }

  public boolean contains(PortRange other) {
    return from <= other.from && other.to <= to;
  }

  public boolean overlaps(PortRange other) {
    return from <= other.to && other.from <= to;
  }

  @Override
  public int compareTo(PortRange other) {
    return from != other.from ? Integer.compare(from, other.from) : Integer.compare(to, other.to);
  }

  @Override
  public String toString() {
    return from == to ? Integer.toString(from) : from + "-" + to;
  }
}
