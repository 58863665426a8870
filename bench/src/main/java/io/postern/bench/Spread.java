package io.postern.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Percentiles by the nearest rank, and how figures of several runs are told. */
public final class Spread {
  private Spread() {}

  /**
   * The smallest value that so many percent of all do not exceed; 0 is the lowest, 100 the highest.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static double percentile(double[] values, double percent) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a percentile of nothing");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(percent / 100 * sorted.length) - 1)];
  }

  /**
   * The percentile of values that are known as whole numbers only, each rounded down: within the
   * number where it lies, by how many of those that share it lie below. Never less than that
   * number, never one more.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static double percentileOfRoundedDown(double[] whole, double percent) {
    double at = percentile(whole, percent);
    double below = Arrays.stream(whole).filter(v -> v < at).count();
    double same = Arrays.stream(whole).filter(v -> v == at).count();
    return at + (percent / 100 * whole.length - below) / same;
  }

  public static double median(Collection<Double> values) {
    return percentile(values.stream().mapToDouble(Double::doubleValue).toArray(), 50);
  }

  /** {@code median (lowest-highest)}, each in a format of one number. */
  public static String of(String format, DoubleStream runs) {
    double[] values = runs.toArray();
    return String.format(
        Locale.ROOT,
        format + " (" + format + "-" + format + ")",
        percentile(values, 50),
        percentile(values, 0),
        percentile(values, 100));
  }

  /** Likewise. */
  public static String of(String format, Collection<Double> runs) {
    return of(format, runs.stream().mapToDouble(Double::doubleValue));
  }
}
