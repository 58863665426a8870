package io.postern.bench.azure;

import io.postern.bench.Spread;
import io.postern.enforcement.domain.Grant;
import io.postern.model.GrantId;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code bench/run azure [runs [scale [part]]]}: grants and ends in storms under Azure's documented
 * buckets beside one call for each grant and beside the least time that the buckets allow, closes
 * beside opens that use up the bucket, and a look at a large subscription with nothing to do. Scale
 * 100 is the full size; on real time, without Kafka.
 */
public final class AzureBench {
  /** ARM's bucket of writes of one subscription and principal: 200, and 10 each second. */
  private static final double BUCKET = 200;

  private static final double REFILL = 10;
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final int scale;

  private AzureBench(int scale) {
    this.scale = scale;
  }

  public static void main(String[] args) {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    AzureBench bench = new AzureBench(args.length > 1 ? Integer.parseInt(args[1]) : 100);
    String only = args.length > 2 ? args[2] : "";
    Map<String, Runnable> parts = new LinkedHashMap<>();
    parts.put(
        "burst",
        () -> {
          bench.burst(Duration.ZERO);
          bench.burst(SECOND);
        });
    parts.put(
        "ends",
        () -> {
          bench.ends(100, 10);
          bench.ends(1, 850);
          bench.ends(1000, 10);
        });
    parts.put("closes", bench::closesBesideOpens);
    parts.put("unthrottled", bench::unthrottled);
    parts.put("idle", bench::idle);
    for (int run = 1; run <= runs; run++) {
      say("run %d, load average %.1f", run, load());
      parts.forEach(
          (name, part) -> {
            if (only.isEmpty() || only.equals(name)) {
              part.run();
            }
          });
    }
  }

  private int sized(int full) {
    return Math.max(1, full * scale / 100);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static void say(String text, Object... values) {
    System.out.println(String.format(Locale.ROOT, text, values));
  }

  /** The least time that so many writes take from a full bucket, in seconds. */
  private static double floor(long writes) {
    return Math.max(0, (writes - BUCKET) / REFILL);
  }

  /** 1,000 grants over 10 groups within a second, and their ends; then the peer. */
  private void burst(Duration latency) {
    int groups = 10;
    int each = sized(100);
    try (Fleet fleet = new Fleet(groups, 1, latency)) {
      fleet.limit();
      List<Grant> grants = fleet.grants(0, groups, each);
      double opening = fleet.open(grants, SECOND);
      long openWrites = fleet.writes();
      Fleet.pause(Duration.ofSeconds(20));
      fleet.simulator.server().journal().clear();
      double closing = fleet.end(grants);
      long closeWrites = fleet.writes();
      long refused = fleet.throttled();
      double[] peer = peer(groups, grants, latency);
      say(
          "burst, operations of %d ms: %d grants over %d groups within a second opened in %.2f s by %d writes, ended in %.2f s by %d writes, refused by ARM %d; one call each: %.1f s (%.0f times) and %.1f s (%.0f times)",
          latency.toMillis(),
          grants.size(),
          groups,
          opening,
          openWrites,
          closing,
          closeWrites,
          refused,
          peer[0],
          peer[0] / opening,
          peer[1],
          peer[1] / closing);
    }
  }

  private static double[] peer(int groups, List<Grant> grants, Duration latency) {
    try (Fleet fleet = new Fleet(groups, 1, latency)) {
      fleet.limit();
      OneCallEach peer = new OneCallEach(fleet.simulator.url());
      double opening = peer.open(grants, groups, latency);
      return new double[] {opening, peer.close(grants, groups, latency)};
    }
  }

  private void ends(int fullGroups, int each) {
    int groups = sized(fullGroups);
    try (Fleet fleet = new Fleet(groups, 1, Duration.ZERO)) {
      List<Grant> grants = fleet.grants(0, groups, each);
      fleet.open(grants, AT_ONCE);
      fleet.limit();
      double closing = fleet.end(grants);
      double floor = floor(groups);
      say(
          "ends: %d on %d groups closed in %.2f s by %d writes and %d reads (optimum %.1f s, ratio %s), refused by ARM %d",
          grants.size(),
          groups,
          closing,
          fleet.writes(),
          fleet.calls("GET"),
          floor,
          floor == 0 ? "none" : String.format(Locale.ROOT, "%.2f", closing / floor),
          fleet.throttled());
    }
  }

  /** 100 ends over ten seconds, alone and while opens use up the bucket of writes. */
  private void closesBesideOpens() {
    int ending = sized(100);
    int opening = sized(600);
    double[] p99 = new double[2];
    long refused = 0;
    for (int saturated = 0; saturated < 2; saturated++) {
      try (Fleet fleet = new Fleet(ending + opening, 1, Duration.ZERO)) {
        List<Grant> ends = fleet.grants(0, ending, 1);
        fleet.open(ends, AT_ONCE);
        fleet.limit();
        List<Grant> opens = fleet.grants(ending, ending + opening, saturated);
        opens.forEach(fleet::put);
        if (saturated == 1) {
          Fleet.await(() -> fleet.writes() >= Math.min(140, opening));
        }
        p99[saturated] = p99(fleet, ends);
        refused += fleet.throttled();
      }
    }
    say(
        "closes: p99 of %d ends over ten seconds %.3f s alone, %.3f s while %d opens wait for the bucket, refused by ARM %d",
        ending, p99[0], p99[1], opening, refused);
  }

  private static double p99(Fleet fleet, List<Grant> ends) {
    Map<GrantId, Long> started = new ConcurrentHashMap<>();
    Map<GrantId, Long> ended = new ConcurrentHashMap<>();
    Thread watch =
        Thread.ofVirtual()
            .start(
                () ->
                    Fleet.await(
                        () -> {
                          Set<GrantId> closed = fleet.ledger.closed;
                          closed.forEach(g -> ended.putIfAbsent(g, System.nanoTime()));
                          return ended.size() >= ends.size();
                        }));
    Fleet.spread(
        ends,
        Duration.ofSeconds(10),
        g -> {
          started.put(g.id(), System.nanoTime());
          fleet.end(g);
        });
    Fleet.await(() -> !watch.isAlive());
    List<Double> took = new ArrayList<>();
    ended.forEach((g, at) -> took.add((at - started.getOrDefault(g, at)) / 1e9));
    return Spread.percentile(took.stream().mapToDouble(Double::doubleValue).toArray(), 99);
  }

  /** What a core does when nothing holds it back; the simulator's work is in it. */
  private void unthrottled() {
    int groups = sized(100);
    try (Fleet fleet = new Fleet(groups, 1, Duration.ZERO)) {
      List<Grant> grants = fleet.grants(0, groups, 100);
      long cpu = cpu();
      double seconds = fleet.open(grants, AT_ONCE);
      double used = (cpu() - cpu) / 1e9;
      say(
          "unthrottled: %d grants over %d groups in %.1f s, %.1f s of processor time (enforcer and simulator): %.0f a second and core, by %d writes",
          grants.size(), groups, seconds, used, grants.size() / used, fleet.writes());
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void idle() {
    int groups = sized(500);
    try (Fleet fleet = new Fleet(groups, 20, Duration.ZERO)) {
      fleet.limit();
      long start = System.nanoTime();
      fleet.lookAtEverything();
      Fleet.await(() -> reads(fleet) >= groups);
      double seconds = quietSince(fleet, start);
      long calls = fleet.calls("GET");
      long writes = fleet.writes();
      fleet.simulator.server().journal().clear();
      System.gc();
      Runtime jvm = Runtime.getRuntime();
      say(
          "idle: %d machines and %d groups looked at in %.1f s by %d reads and %d writes, refused by ARM %d; heap of enforcer and simulator %d MiB",
          groups * 20,
          groups,
          seconds,
          calls,
          writes,
          fleet.throttled(),
          (jvm.totalMemory() - jvm.freeMemory()) >> 20);
    }
  }

  /** Waits until nothing was read for five seconds; how long after the start that began. */
  private static double quietSince(Fleet fleet, long start) {
    long[] last = {System.nanoTime(), fleet.calls("GET")};
    Fleet.await(
        () -> {
          long calls = fleet.calls("GET");
          if (calls != last[1]) {
            last[0] = System.nanoTime();
            last[1] = calls;
          }
          return System.nanoTime() - last[0] > Duration.ofSeconds(5).toNanos();
        });
    return (last[0] - start) / 1e9;
  }

  private static long reads(Fleet fleet) {
    return fleet.simulator.server().journal().entries().stream()
        .filter(e -> e.action().equals("GET networkSecurityGroups"))
        .filter(e -> e.request().path().contains("/nsg-"))
        .count();
  }
}
