package io.postern.bench;

import java.util.ArrayList;
import java.util.List;

/** Durations in nanoseconds, in the order in which they were taken. */
final class Samples {
  /** A run is cut into so many blocks; the spread of a figure is that of the blocks' figures. */
  static final int BLOCKS = 5;

  private final List<Long> nanos = new ArrayList<>();

  void add(long value) {
    nanos.add(value);
  }

  int size() {
    return nanos.size();
  }

  /** A percentile in milliseconds. */
  double percentile(double p) {
    return percentile(nanos, p);
  }

  private static double percentile(List<Long> values, double p) {
    return Spread.percentile(values.stream().mapToDouble(n -> n / 1e6).toArray(), p);
  }

  /** The ratio of a percentile to the other's, block by block: lowest, whole run, highest. */
  Ratio ratio(Samples floor, double p) {
    double lowest = Double.MAX_VALUE;
    double highest = 0;
    for (int b = 0; b < BLOCKS; b++) {
      double r = percentile(block(b), p) / percentile(floor.block(b), p);
      lowest = Math.min(lowest, r);
      highest = Math.max(highest, r);
    }
    return new Ratio(lowest, percentile(p) / floor.percentile(p), highest);
  }

  private List<Long> block(int number) {
    int from = nanos.size() * number / BLOCKS;
    return nanos.subList(from, nanos.size() * (number + 1) / BLOCKS);
  }

  /** A ratio with its spread over the blocks. */
  record Ratio(double lowest, double whole, double highest) {
    @Override
    public String toString() {
      return "%.1f (%.1f-%.1f)".formatted(whole, lowest, highest);
    }
  }
}
