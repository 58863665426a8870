package io.postern.bench.wheels;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A million timers of up to a day are set, a tenth of them moved, then 10,000 a second and 100,000
 * at one instant fall due on top of them. Candidates take turns, run by run.
 */
public final class WheelsBench {
  private static final Map<String, Supplier<Wheel>> CANDIDATES = new LinkedHashMap<>();

  static {
    CANDIDATES.put("Kafka SystemTimer", Wheel::kafka);
    CANDIDATES.put("Netty HashedWheelTimer", Wheel::netty);
    CANDIDATES.put("ScheduledThreadPoolExecutor", Wheel::heap);
  }

  private static final int PER_SECOND = 10_000;
  private static final int SECONDS = 3;
  private static final int STORM = 100_000;
  private static final int BYTES = 2;
  private static final long DAY = TimeUnit.DAYS.toNanos(1);

  private final int outstanding;
  private final Map<String, List<double[]>> figures = new LinkedHashMap<>();

  private WheelsBench(int outstanding) {
    this.outstanding = outstanding;
  }

  public static void main(String[] args) throws InterruptedException {
    int outstanding = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    WheelsBench bench = new WheelsBench(outstanding);
    // The first round warms up.
    for (int run = 0; run <= runs; run++) {
      for (Map.Entry<String, Supplier<Wheel>> c : CANDIDATES.entrySet()) {
        double[] found = bench.run(c.getValue());
        if (run > 0) {
          bench.figures.computeIfAbsent(c.getKey(), k -> new ArrayList<>()).add(found);
        }
      }
    }
    bench.print();
  }

  private double[] run(Supplier<Wheel> candidate) throws InterruptedException {
    double[] found = measured(candidate);
    // What went with the wheel was its own.
    found[BYTES] = (found[BYTES] - usedHeap()) / outstanding;
    return found;
  }

  private double[] measured(Supplier<Wheel> candidate) throws InterruptedException {
    try (Wheel wheel = candidate.get()) {
      Random random = new Random(1);
      Runnable[] cancels = new Runnable[outstanding];
      long begin = System.nanoTime();
      for (int i = 0; i < outstanding; i++) {
        cancels[i] = wheel.set(begin + later(random), WheelsBench::nothing);
      }
      double set = (System.nanoTime() - begin) / 1e6;
      begin = System.nanoTime();
      for (int i = 0; i < outstanding; i += 10) {
        cancels[i].run();
        cancels[i] = wheel.set(begin + later(random), WheelsBench::nothing);
      }
      double moved = (System.nanoTime() - begin) / 1e6;
      double[] steady = lateness(wheel, PER_SECOND * SECONDS, TimeUnit.SECONDS.toNanos(SECONDS));
      double[] storm = lateness(wheel, STORM, 0);
      double heap = usedHeap();
      Reference.reachabilityFence(cancels);
      return new double[] {set, moved, heap, steady[0], steady[1], storm[1]};
    }
  }

  // At least ten minutes: none falls due while the others are looked at.
  private static long later(Random random) {
    return TimeUnit.MINUTES.toNanos(10) + (long) (random.nextDouble() * DAY);
  }

  private static void nothing() {}

  /** Median and 99th percentile, in milliseconds, of timers that are spread over a time. */
  private static double[] lateness(Wheel wheel, int timers, long over) throws InterruptedException {
    long[] late = new long[timers];
    AtomicInteger next = new AtomicInteger();
    CountDownLatch left = new CountDownLatch(timers);
    long begin = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    for (int i = 0; i < timers; i++) {
      long at = begin + over / timers * i;
      wheel.set(
          at,
          () -> {
            late[next.getAndIncrement()] = System.nanoTime() - at;
            left.countDown();
          });
    }
    if (!left.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException(left.getCount() + " timers were lost");
    }
    Arrays.sort(late);
    if (late[0] < -1_000_000) {
      throw new IllegalStateException("early by " + -late[0] + " ns");
    }
    return new double[] {late[timers / 2] / 1e6, late[timers * 99 / 100] / 1e6};
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void print() {
    List<String> columns =
        List.of(
            "set all, ms", "move a tenth, ms", "bytes each", "p50 ms", "p99 ms", "storm p99 ms");
    System.out.printf("| %,d outstanding | %s |%n", outstanding, String.join(" | ", columns));
    System.out.println("|---".repeat(columns.size() + 1) + "|");
    figures.forEach(
        (name, runs) -> {
          StringBuilder row = new StringBuilder("| " + name);
          for (int column = 0; column < columns.size(); column++) {
            int c = column;
            double[] values = runs.stream().mapToDouble(r -> r[c]).sorted().toArray();
            row.append(
                String.format(
                    Locale.ROOT,
                    " | %.1f (%.1f-%.1f)",
                    values[values.length / 2],
                    values[0],
                    values[values.length - 1]));
          }
          System.out.println(row + " |");
        });
  }
}
