package io.postern.audit.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.domain.Finding.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A mutation of an honest copy is found, and the record that it is about is named. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifierPropertyTest {
  private static final int MUTATIONS = Integer.getInteger("postern.mutations", 1000);
  private static final long SEED = Long.getLong("postern.seed", System.nanoTime());

  /** A copy, what was done to it, and what must be found. */
  private record Mutated(List<LogRecord> copy, Kind kind, long offset) {}

  private enum Way {
    CHANGE_VALUE,
    CHANGE_KEY,
    CHANGE_TIME,
    CHANGE_HEADER,
    DROP_HEADER,
    DROP,
    DROP_AND_RENUMBER,
    CUT_OFF_END,
    CUT_OFF_HEAD,
    ADD_IN_GAP,
    ADD_AND_RENUMBER,
    ADD_AT_END,
    DOUBLE,
    EXTEND,
    COPY_OVER,
    SWAP_NEIGHBOURS,
    SWAP_CONTENT,
    MOVE_LATER,
    MOVE_EARLIER,
    RENAME_OFFSET
  }

  @Test
  void findsEachMutationAndNamesItsRecord() {
    Random random = new Random(SEED);
    Map<Way, Integer> done = new EnumMap<>(Way.class);
    int made = 0;
    while (made < MUTATIONS) {
      List<LogRecord> honest = Logs.records(random, 5 + random.nextInt(120));
      Proof proof = Logs.proof(random, honest);
      Way way = Way.values()[random.nextInt(Way.values().length)];
      Mutated mutated = mutate(way, honest, random);
      if (mutated == null) {
        continue;
      }
      made++;
      done.merge(way, 1, Integer::sum);
      Verdict verdict =
          new Verifier(new Digests())
              .verify(proof, mutated.copy().iterator(), 0, Verifier.End.SHUT);
      assertThat(verdict.finding())
          .as("%s, mutation %d of seed %d", way, made, SEED)
          .hasValueSatisfying(
              f -> {
                assertThat(f.kind()).isEqualTo(mutated.kind());
                assertThat(f.offset()).isEqualTo(mutated.offset());
              });
    }
    assertThat(done).as("seed %d", SEED).containsOnlyKeys(Way.values());
  }

  @Test
  void passesEveryHonestCopyWithAllItsGaps() {
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      List<LogRecord> honest = Logs.records(random, 1 + random.nextInt(300));
      Verdict verdict =
          new Verifier(new Digests())
              .verify(Logs.proof(random, honest), honest.iterator(), 0, Verifier.End.SHUT);
      assertThat(verdict.finding()).as("copy %d of seed %d", i, SEED).isEmpty();
      assertThat(verdict.proven()).isEqualTo(honest.size());
    }
  }

  /** The slow, obvious way: whoever compares whole lists finds a difference exactly when we do. */
  @Test
  void agreesWithAComparisonOfWholeListsOverRandomShuffles() {
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      List<LogRecord> honest = Logs.records(random, 2 + random.nextInt(8));
      List<LogRecord> copy = new ArrayList<>(honest);
      for (int edits = random.nextInt(4); edits > 0 && !copy.isEmpty(); edits--) {
        int at = random.nextInt(copy.size());
        switch (random.nextInt(3)) {
          case 0 -> Collections.swap(copy, at, random.nextInt(copy.size()));
          case 1 -> copy.remove(at);
          default -> copy.add(random.nextInt(copy.size()), copy.get(at));
        }
      }
      Verdict verdict =
          new Verifier(new Digests())
              .verify(Logs.proof(random, honest), copy.iterator(), 0, Verifier.End.SHUT);
      assertThat(verdict.finding().isEmpty())
          .as("copy %d of seed %d: %s", i, SEED, verdict)
          .isEqualTo(copy.equals(honest));
      int same = 0;
      while (same < Math.min(copy.size(), honest.size())
          && copy.get(same).equals(honest.get(same))) {
        same++;
      }
      assertThat(verdict.proven()).as("copy %d of seed %d", i, SEED).isEqualTo(same);
    }
  }

  private static @org.jspecify.annotations.Nullable Mutated mutate(
      Way way, List<LogRecord> honest, Random random) {
    List<LogRecord> copy = new ArrayList<>(honest);
    int n = copy.size();
    int at = random.nextInt(n);
    LogRecord there = copy.get(at);
    long last = copy.get(n - 1).offset();
    LogRecord fresh = Logs.record(random, there.offset(), there.timestamp(), 1_000_000);
    return switch (way) {
      case CHANGE_VALUE -> changed(copy, at, fresh);
      case CHANGE_KEY ->
          changed(
              copy,
              at,
              new LogRecord(
                  there.offset(),
                  there.timestamp(),
                  new byte[] {1},
                  there.headers(),
                  there.value()));
      case CHANGE_TIME ->
          changed(
              copy,
              at,
              new LogRecord(
                  there.offset(),
                  there.timestamp() + 1,
                  there.key(),
                  there.headers(),
                  there.value()));
      case CHANGE_HEADER ->
          changed(
              copy,
              at,
              new LogRecord(
                  there.offset(),
                  there.timestamp(),
                  there.key(),
                  List.of(there.headers().get(0), new LogRecord.Header("traceparent", new byte[0])),
                  there.value()));
      case DROP_HEADER ->
          changed(
              copy,
              at,
              new LogRecord(
                  there.offset(),
                  there.timestamp(),
                  there.key(),
                  there.headers().subList(0, 1),
                  there.value()));
      case DROP -> {
        copy.remove(at);
        yield new Mutated(copy, Kind.DROPPED, there.offset());
      }
      case DROP_AND_RENUMBER -> {
        for (int i = at; i + 1 < n; i++) {
          copy.set(i, Logs.at(copy.get(i + 1), copy.get(i).offset()));
        }
        copy.remove(n - 1);
        yield new Mutated(copy, Kind.DROPPED, there.offset());
      }
      case CUT_OFF_END -> new Mutated(copy.subList(0, at), Kind.DROPPED, there.offset());
      case CUT_OFF_HEAD ->
          at == 0 ? null : new Mutated(copy.subList(at, n), Kind.DROPPED, copy.get(0).offset());
      case ADD_IN_GAP -> {
        Set<Long> taken = copy.stream().map(LogRecord::offset).collect(Collectors.toSet());
        long gap = there.offset() + 1;
        if (taken.contains(gap) || at == n - 1) {
          yield null;
        }
        copy.add(at + 1, Logs.at(fresh, gap));
        yield new Mutated(copy, Kind.ADDED, gap);
      }
      case ADD_AND_RENUMBER -> {
        copy.add(at, fresh);
        for (int i = at + 1; i < n; i++) {
          copy.set(i, Logs.at(copy.get(i), honest.get(i).offset()));
        }
        copy.set(n, Logs.at(copy.get(n), last + 1));
        yield new Mutated(copy, Kind.ADDED, there.offset());
      }
      case ADD_AT_END -> {
        copy.add(Logs.at(fresh, last + 1));
        yield new Mutated(copy, Kind.ADDED, last + 1);
      }
      case DOUBLE -> {
        copy.add(at + 1, there);
        yield new Mutated(copy, Kind.ADDED, there.offset());
      }
      case EXTEND -> {
        for (int i = 1; i <= 1 + random.nextInt(5); i++) {
          copy.add(Logs.record(random, last + i, there.timestamp(), 1_000_000 + i));
        }
        yield new Mutated(copy, Kind.ADDED, last + 1);
      }
      case COPY_OVER -> {
        int from = random.nextInt(n);
        yield from == at ? null : changed(copy, at, Logs.at(copy.get(from), there.offset()));
      }
      case SWAP_NEIGHBOURS -> {
        if (at == n - 1) {
          yield null;
        }
        Collections.swap(copy, at, at + 1);
        yield new Mutated(copy, Kind.MOVED, copy.get(at).offset());
      }
      case SWAP_CONTENT -> {
        int other = random.nextInt(n);
        if (Math.abs(other - at) < 2) {
          yield null;
        }
        copy.set(at, Logs.at(honest.get(other), there.offset()));
        copy.set(other, Logs.at(there, honest.get(other).offset()));
        yield new Mutated(copy, Kind.MOVED, honest.get(Math.min(at, other)).offset());
      }
      case MOVE_LATER -> {
        int to = at + 2 + random.nextInt(n);
        if (to >= n) {
          yield null;
        }
        copy.remove(at);
        copy.add(to, there);
        yield new Mutated(copy, Kind.MOVED, there.offset());
      }
      case MOVE_EARLIER -> {
        if (at == 0) {
          yield null;
        }
        copy.remove(at);
        copy.add(random.nextInt(at), there);
        yield new Mutated(copy, Kind.MOVED, there.offset());
      }
      case RENAME_OFFSET -> {
        Set<Long> taken = new HashSet<>();
        honest.forEach(r -> taken.add(r.offset()));
        if (taken.contains(there.offset() + 1)) {
          yield null;
        }
        copy.set(at, Logs.at(there, there.offset() + 1));
        yield new Mutated(copy, Kind.MOVED, there.offset());
      }
    };
  }

  private static Mutated changed(List<LogRecord> copy, int at, LogRecord to) {
    long offset = copy.get(at).offset();
    copy.set(at, to);
    return new Mutated(copy, Kind.CHANGED, offset);
  }
}
