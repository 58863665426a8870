package io.postern.expiry.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Two replicas over random histories of true and forged leases, extensions, ends, tombstones,
 * expirations, restarts and lost sends, each reading the two topics at a pace of its own, beside an
 * obvious model of the log: never early, nothing lost, nothing after a known end, nothing because
 * of a forgery, no record leaked.
 */
class DeadlinesPropertyTest {
  private static final int HISTORIES = Integer.getInteger("postern.histories", 4_000);
  private static final int GRANTS = 4;
  private static final long STAGGER = 50_000;
  private static final long OVER = Long.MAX_VALUE;

  /** A record on one of the two topics; end is OVER for an end or a tombstone. */
  private record Entry(int grant, long end, boolean forged) {}

  private record Announced(int grant, long end) {}

  private static final class Log {
    final List<Entry> leases = new ArrayList<>();
    final List<Entry> expirations = new ArrayList<>();
    final Map<Integer, Long> truth = new HashMap<>();
    final Set<Announced> official = new HashSet<>();
    int doubled;
  }

  private static final class Replica {
    final Log log;
    final long stagger;
    final Random random;
    Set<Long> held = new HashSet<>();
    Deadlines deadlines = new Deadlines(held::remove, d -> {});
    List<Entry> records = new ArrayList<>();
    long numbers;
    int leasesRead;
    int expirationsRead;
    int leasesAtStart;
    int expirationsAtStart;
    boolean armed;

    Replica(Log log, long stagger, Random random) {
      this.log = log;
      this.stagger = stagger;
      this.random = random;
      restart();
    }

    void restart() {
      held = new HashSet<>();
      Set<Long> mine = held;
      deadlines = new Deadlines(mine::remove, d -> {});
      leasesRead = 0;
      expirationsRead = 0;
      leasesAtStart = log.leases.size();
      expirationsAtStart = log.expirations.size();
      armed = false;
    }

    void read() {
      if (random.nextBoolean() && leasesRead < log.leases.size()) {
        lease(log.leases.get(leasesRead++));
      } else if (expirationsRead < log.expirations.size()) {
        expiration(log.expirations.get(expirationsRead++));
      }
      if (!armed && leasesRead >= leasesAtStart && expirationsRead >= expirationsAtStart) {
        deadlines.forgetWithoutLease();
        armed = true;
      }
    }

    private long hold(Entry entry) {
      long number = numbers++;
      records.add(entry);
      held.add(number);
      return number;
    }

    private void lease(Entry e) {
      if (armed && e.forged()) {
        return;
      }
      UUID grant = new UUID(e.grant(), e.grant());
      if (e.end() == OVER) {
        if (armed || deadlines.isKnown(grant)) {
          deadlines.ended(grant, hold(e), armed);
        }
      } else {
        deadlines.runs(grant, e.end(), hold(e), armed);
      }
    }

    private void expiration(Entry e) {
      if (armed && e.forged()) {
        return;
      }
      deadlines.announced(new UUID(e.grant(), e.grant()), e.end(), hold(e), armed);
    }

    void fire(long now, boolean lose, String where) {
      if (!armed) {
        return;
      }
      List<Deadline> all = new ArrayList<>();
      deadlines.forEach(all::add);
      for (Deadline d : all) {
        int grant = (int) d.grant().getLeastSignificantBits();
        Deadlines.Step step;
        while ((step = deadlines.next(d, now, stagger)) instanceof Deadlines.Step.Verify v) {
          assertThat(held).as(where).contains(v.record());
          deadlines.verified(d.grant(), v.record(), !records.get((int) v.record()).forged());
        }
        if (step instanceof Deadlines.Step.Fire f) {
          Entry lease = records.get((int) f.record());
          assertThat(held).as(where).contains(f.record());
          assertThat(lease.forged()).as(where).isFalse();
          assertThat(now).as(where).isGreaterThanOrEqualTo(lease.end() + stagger);
          if (lose) {
            continue;
          }
          deadlines.sent(d, true);
          if (!log.official.add(new Announced(grant, f.dueMicros()))) {
            log.doubled++;
          }
          log.expirations.add(new Entry(grant, f.dueMicros(), false));
        }
      }
    }
  }

  @Test
  void neverEarlyNothingLostNothingForged() {
    long seed = Long.getLong("postern.seed", System.nanoTime());
    for (int h = 0; h < HISTORIES; h++) {
      Random random = new Random(seed + h);
      history(random, "seed " + (seed + h));
    }
  }

  private static void history(Random random, String where) {
    Log log = new Log();
    Replica[] replicas = {new Replica(log, 0, random), new Replica(log, STAGGER, random)};
    long now = 0;
    for (int step = 0; step < 120; step++) {
      now += random.nextInt(20) * 1_000L;
      int grant = random.nextInt(GRANTS);
      Long truth = log.truth.get(grant);
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          // Also after its end was announced: an extension may have been on its way.
          if (truth == null || truth != OVER) {
            write(log, grant, now + random.nextInt(200) * 1_000L + random.nextInt(1_000));
          }
        }
        case 2 -> {
          if (truth != null && random.nextInt(3) == 0) {
            write(log, grant, OVER);
          }
        }
        case 3 ->
            log.leases.add(
                new Entry(
                    grant,
                    random.nextBoolean() ? OVER : now + random.nextInt(400) * 1_000L - 200_000,
                    true));
        case 4 ->
            log.expirations.add(
                new Entry(
                    grant,
                    truth == null || random.nextBoolean() ? now + random.nextInt(200) : truth,
                    true));
        case 5 -> {
          if (random.nextInt(4) == 0) {
            replicas[random.nextInt(2)].restart();
          }
        }
        case 6, 7 -> replicas[random.nextInt(2)].fire(now, random.nextInt(4) == 0, where);
        default -> replicas[random.nextInt(2)].read();
      }
    }
    // In the end everybody reads on and time passes: all that still runs is made official.
    for (int i = 0; i < 10; i++) {
      for (Replica r : replicas) {
        while (r.leasesRead < log.leases.size() || r.expirationsRead < log.expirations.size()) {
          r.read();
        }
        r.read();
        r.fire(now, false, where);
      }
      now += 100_000;
    }
    for (Map.Entry<Integer, Long> e : log.truth.entrySet()) {
      if (e.getValue() != OVER) {
        assertThat(log.official).as(where).contains(new Announced(e.getKey(), e.getValue()));
      }
    }
    int known = log.official.size();
    int before = log.expirations.size();
    // A fresh instance over the whole log fires nothing again.
    Replica fresh = new Replica(log, 0, random);
    while (!fresh.armed) {
      fresh.read();
    }
    fresh.fire(now + 10_000_000, false, where);
    assertThat(log.expirations).as(where).hasSize(before);
    assertThat(log.official).as(where).hasSize(known);
  }

  private static void write(Log log, int grant, long end) {
    log.truth.put(grant, end);
    log.leases.add(new Entry(grant, end, false));
  }

  @Test
  void theTableIsAMap() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    GrantTable table = new GrantTable();
    Map<UUID, Deadline> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      // Few distinct ids, so that chains are long and holes are many.
      UUID id = new UUID(random.nextInt(40), random.nextInt(100));
      Deadline known = model.get(id);
      assertThat(table.get(id.getMostSignificantBits(), id.getLeastSignificantBits()))
          .as("seed %d", seed)
          .isSameAs(known);
      if (random.nextBoolean()) {
        model.put(id, table.getOrAdd(id.getMostSignificantBits(), id.getLeastSignificantBits()));
      } else if (known != null) {
        table.remove(known);
        model.remove(id);
      }
      assertThat(table.size()).isEqualTo(model.size());
    }
  }
}
