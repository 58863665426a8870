package io.postern.bench.timers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.postern.bench.Spread;
import io.postern.platform.Platform;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import javax.sql.DataSource;

/**
 * Timers: {@code bench/run timers [outstanding [runs [seconds [storm]]]]}. All contestants hold the
 * outstanding timers, due tomorrow, all the time; each load goes to one of them after the other,
 * run by run.
 */
public final class TimersBench {
  private static final long LEAD_MILLIS = 6_000;
  private static final long LIMIT_MILLIS = 60_000;
  private static final int CHUNK = 50_000;
  private static final String FORMAT = "%.1f";

  private record Load(String name, int count, long overMillis) {}

  private final int outstanding;
  private final int runs;
  private final List<Load> loads;
  private final Map<Load, Map<String, List<Observer.Result>>> results = new LinkedHashMap<>();
  private final List<Double> armed = new ArrayList<>();
  private double heap = Double.NaN;

  private TimersBench(int outstanding, int runs, int seconds, int storm) {
    this.outstanding = outstanding;
    this.runs = runs;
    this.loads =
        List.of(
            new Load("1,000/s", 1_000 * seconds, 1_000L * seconds),
            new Load("10,000/s", 10_000 * seconds, 1_000L * seconds),
            new Load("%,d at once".formatted(storm), storm, 0));
  }

  public static void main(String[] args) throws Exception {
    int[] sizes = {1_000_000, 5, 5, 100_000};
    for (int i = 0; i < Math.min(args.length, sizes.length); i++) {
      sizes[i] = Integer.parseInt(args[i]);
    }
    new TimersBench(sizes[0], sizes[1], sizes[2], sizes[3]).run();
    System.exit(0);
  }

  private void run() throws Exception {
    Path home = Files.createTempDirectory("postern-timers");
    try (Platform platform = Platform.start(home, Sink.PARTITIONS);
        EmbeddedPostgres postgres =
            EmbeddedPostgres.builder()
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("shared_buffers", "512MB")
                .start()) {
      Ours ours = new Ours(platform);
      List<Contestant> contestants =
          List.of(
              new Floor(platform.kafka()),
              ours,
              new DbScheduler(pool(postgres), platform.kafka()),
              new SkipLocked(pool(postgres), platform.kafka()),
              new Streams(platform.kafka(), home.resolve("streams")));
      List<Observer> observers = new ArrayList<>();
      for (Contestant c : contestants) {
        observers.add(new Observer(platform.kafka(), c.topic()));
      }
      fill(contestants);
      measureHeap(ours);
      // Before the loads: what they leave on the log nobody takes away here.
      for (int run = 0; run < runs; run++) {
        armed.add(ours.restart() / 1e9);
        System.err.printf("armed after %.2f s%n", armed.get(run));
      }
      for (int run = 0; run < runs; run++) {
        for (Load load : loads) {
          for (int c = 0; c < contestants.size(); c++) {
            // Everybody is first once.
            int who = (c + run) % contestants.size();
            Observer.Result r = one(contestants.get(who), observers.get(who), load);
            results
                .computeIfAbsent(load, l -> new LinkedHashMap<>())
                .computeIfAbsent(contestants.get(who).name(), n -> new ArrayList<>())
                .add(r);
            System.err.printf(
                "run %d %s %s %s%n", run, load.name(), contestants.get(who).name(), r);
          }
        }
        print(contestants, run + 1);
      }
    }
  }

  private static DataSource pool(EmbeddedPostgres postgres) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.getPostgresDatabase());
    config.setMaximumPoolSize(25);
    return new HikariDataSource(config);
  }

  private void fill(List<Contestant> contestants) throws Exception {
    long tomorrow = System.currentTimeMillis() + TimeUnit.DAYS.toMillis(1);
    for (Contestant c : contestants) {
      long begin = System.nanoTime();
      for (int from = 0; from < outstanding; from += CHUNK) {
        List<Due> chunk = new ArrayList<>();
        for (int i = from; i < Math.min(outstanding, from + CHUNK); i++) {
          chunk.add(new Due(UUID.randomUUID(), tomorrow + i));
        }
        c.hold(chunk);
      }
      System.err.printf("%s holds %,d after %.1f s%n", c.name(), outstanding, seconds(begin));
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void measureHeap(Ours ours) throws InterruptedException {
    while (ours.timers() < outstanding) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    ours.stop();
    double without = usedMegabytes();
    ours.restart();
    heap = usedMegabytes() - without;
    System.err.printf("heap of expiry-service %.0f MiB%n", heap);
  }

  /** The least of several: what others make and drop meanwhile does not count. */
  private static double usedMegabytes() throws InterruptedException {
    Runtime r = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 8; i++) {
      System.gc();
      least = Math.min(least, r.totalMemory() - r.freeMemory());
      TimeUnit.MILLISECONDS.sleep(200);
    }
    return least / 1048576.0;
  }

  private static Observer.Result one(Contestant contestant, Observer observer, Load load)
      throws Exception {
    observer.reset();
    long lead = LEAD_MILLIS + load.count() / 15;
    long begin = System.currentTimeMillis() + lead;
    List<Due> due = new ArrayList<>(load.count());
    for (int i = 0; i < load.count(); i++) {
      due.add(new Due(UUID.randomUUID(), begin + load.overMillis() * i / load.count()));
    }
    contestant.hold(due);
    // What was made to hold them, by the benchmark as policy-service too, is nobody's to take away
    // while it is at work.
    System.gc();
    if (System.currentTimeMillis() > begin) {
      System.err.println("too late: the timers were not held in time by " + contestant.name());
    }
    return observer.judge(due, begin + load.overMillis() + LIMIT_MILLIS);
  }

  private void print(List<Contestant> contestants, int done) {
    System.out.printf(
        "%n%,d outstanding, %d runs; median of the runs (lowest-highest), ms on the topic%n",
        outstanding, done);
    System.out.println("| load | who | p50 | p99 | max | p99 / floor | lost | doubled | early |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (Load load : loads) {
      List<Observer.Result> floor = of(load, contestants.get(0).name());
      for (Contestant c : contestants) {
        List<Observer.Result> r = of(load, c.name());
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(r.size(), floor.size()); i++) {
          ratios.add(r.get(i).p99() / floor.get(i).p99());
        }
        System.out.printf(
            "| %s | %s | %s | %s | %s | %s | %d | %d | %d |%n",
            load.name(),
            c.name(),
            spread(r, Observer.Result::p50),
            spread(r, Observer.Result::p99),
            spread(r, Observer.Result::max),
            ratios.isEmpty() ? "-" : Spread.of(FORMAT, ratios),
            r.stream().mapToInt(Observer.Result::lost).sum(),
            r.stream().mapToInt(Observer.Result::doubled).sum(),
            r.stream().mapToInt(Observer.Result::early).sum());
      }
    }
    System.out.printf(
        "expiry-service: armed from empty in s %s; heap %.0f MiB%n",
        Spread.of(FORMAT, armed), heap);
  }

  private List<Observer.Result> of(Load load, String name) {
    return results.getOrDefault(load, Map.of()).getOrDefault(name, List.of());
  }

  private static String spread(
      List<Observer.Result> results, ToDoubleFunction<Observer.Result> figure) {
    return results.isEmpty() ? "-" : Spread.of(FORMAT, results.stream().mapToDouble(figure));
  }
}
