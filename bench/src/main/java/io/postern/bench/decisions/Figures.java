package io.postern.bench.decisions;

import io.postern.bench.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Figures of the runs, and their tables. */
final class Figures {
  private record Throughput(double bare, double signed, double mandated, double real) {}

  private record Latency(double bare50, double bare99, double real50, double real99) {}

  private final List<Throughput> throughput = new ArrayList<>();
  private final Map<Integer, List<Latency>> latency = new TreeMap<>();

  void throughput(double bare, double signed, double mandated, double real) {
    throughput.add(new Throughput(bare, signed, mandated, real));
  }

  /** Milliseconds. */
  void latency(int rate, double[] bare, double[] real) {
    latency
        .computeIfAbsent(rate, r -> new ArrayList<>())
        .add(
            new Latency(
                Spread.percentile(bare, 50),
                Spread.percentile(bare, 99),
                Spread.percentile(real, 50),
                Spread.percentile(real, 99)));
  }

  /** Median over the runs, with the lowest and highest run. */
  private static <T> String spread(String format, List<T> runs, ToDoubleFunction<T> of) {
    return Spread.of(format, runs.stream().mapToDouble(of));
  }

  void print(int runs, int records, int seconds) {
    System.out.printf("%n%d runs of %,d records; median (lowest-highest run)%n", runs, records);
    System.out.println(
        "| records per second | | of the bare transaction | of the signed one | of the contract |");
    System.out.println("|---|---|---|---|---|");
    row("bare transaction", Throughput::bare);
    row("one verified, one signed", Throughput::signed);
    row("what the contract asks", Throughput::mandated);
    row("policy-service", Throughput::real);
    System.out.printf("%n%d runs of %d s%n", runs, seconds);
    System.out.println("| at a rate of | | p50 ms | p99 ms | p99 / bare |");
    System.out.println("|---|---|---|---|---|");
    latency.forEach(
        (rate, all) -> {
          System.out.printf(
              "| %,d/s | relay and bare transaction | %s | %s | 1 |%n",
              rate, spread("%.1f", all, Latency::bare50), spread("%.1f", all, Latency::bare99));
          System.out.printf(
              "| | policy-service | %s | %s | %s |%n",
              spread("%.1f", all, Latency::real50),
              spread("%.1f", all, Latency::real99),
              spread("%.1f", all, l -> l.real99() / l.bare99()));
        });
  }

  private void row(String who, ToDoubleFunction<Throughput> of) {
    System.out.printf(
        "| %s | %s | %s | %s | %s |%n",
        who,
        spread("%,.0f", throughput, of),
        spread("%.2f", throughput, t -> of.applyAsDouble(t) / t.bare()),
        spread("%.2f", throughput, t -> of.applyAsDouble(t) / t.signed()),
        spread("%.2f", throughput, t -> of.applyAsDouble(t) / t.mandated()));
  }
}
