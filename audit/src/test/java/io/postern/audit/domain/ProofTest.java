package io.postern.audit.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofTest {
  private final Random random = new Random(7);
  private final List<LogRecord> records = Logs.records(random, 300);
  private final List<Stretch> checkpoints = Logs.stretches(random, Logs.PLACE, records);
  private final Verifier verifier = new Verifier(new Digests());

  private static Proof join(List<Stretch> stretches) {
    return Proof.join(Logs.PLACE, stretches, new Digests());
  }

  private Verdict shut(Proof proof, List<LogRecord> copy) {
    return verifier.verify(proof, copy.iterator(), 0, Verifier.End.SHUT);
  }

  @Test
  void takesCheckpointsInAnyOrderAndTwice() {
    List<Stretch> shuffled = new ArrayList<>(checkpoints);
    shuffled.addAll(checkpoints);
    Collections.shuffle(shuffled, random);
    assertThat(join(shuffled).broken()).isEmpty();
    assertThat(join(shuffled).stretches()).hasSameSizeAs(checkpoints);
  }

  @Test
  void saysFromWhereNothingIsProvenWhenACheckpointIsMissing() {
    List<Stretch> holed = new ArrayList<>(checkpoints);
    Stretch missing = holed.remove(5);
    Verdict verdict = shut(join(holed), records);
    assertThat(verdict.finding())
        .hasValueSatisfying(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.UNPROVEN);
              assertThat(f.offset()).isEqualTo(missing.fromOffset());
              assertThat(f.detail()).contains("missing");
            });
    assertThat(verdict.proven()).isEqualTo(missing.recordsBefore());
  }

  @Test
  void aRecordBeforeTheHoleIsStillNamed() {
    List<Stretch> holed = new ArrayList<>(checkpoints);
    holed.remove(5);
    List<LogRecord> copy = new ArrayList<>(records);
    LogRecord gone = copy.remove(0);
    assertThat(shut(join(holed), copy).finding())
        .hasValueSatisfying(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.DROPPED);
              assertThat(f.offset()).isEqualTo(gone.offset());
            });
  }

  @Test
  void refusesAChainOfAnotherPartition() {
    Place other = new Place("jit.decisions", 4);
    Stretch first = Logs.stretches(random, other, records).get(0);
    Stretch under =
        new Stretch(
            Logs.PLACE,
            first.fromOffset(),
            first.nextOffset(),
            first.records(),
            first.previousHash(),
            first.hash(),
            first.offsets(),
            first.digests(),
            first.checkedAt());
    assertThat(join(List.of(under)).broken())
        .hasValueSatisfying(f -> assertThat(f.detail()).contains("not of this partition"));
  }

  @Test
  void refusesTwoCheckpointsThatContradictEachOther() {
    List<LogRecord> otherwise = Logs.records(new Random(8), 300);
    List<Stretch> both = new ArrayList<>(checkpoints);
    both.addAll(Logs.stretches(random, Logs.PLACE, otherwise));
    assertThat(join(both).broken()).isPresent();
  }

  @Test
  void goesOnFromACheckpointWhenTheHeadWasDeleted() {
    List<Stretch> rest = checkpoints.subList(4, checkpoints.size());
    List<LogRecord> copy =
        records.stream().filter(r -> r.offset() >= rest.get(0).fromOffset()).toList();
    Verdict verdict = shut(join(rest), copy);
    assertThat(verdict.finding()).isEmpty();
    assertThat(verdict.before()).isEqualTo(rest.get(0).recordsBefore()).isPositive();
    assertThat(verdict.before() + verdict.proven()).isEqualTo(records.size());
  }

  @Test
  void provesTheRestOfAStretchWhoseHeadWasDeleted() {
    long start = records.get(100).offset();
    List<LogRecord> copy = records.subList(100, records.size());
    Proof proof = join(checkpoints).from(start);
    assertThat(verifier.verify(proof, copy.iterator(), start, Verifier.End.SHUT).finding())
        .isEmpty();
    List<LogRecord> less = records.subList(101, records.size());
    assertThat(verifier.verify(proof, less.iterator(), start, Verifier.End.SHUT).finding())
        .hasValueSatisfying(f -> assertThat(f.offset()).isEqualTo(start));
  }

  @Test
  void countsTheTailOfALogThatGoesOnAndProvesNothingOfIt() {
    List<Stretch> early = checkpoints.subList(0, 6);
    long proven = early.get(5).records();
    Verdict open = verifier.verify(join(early), records.iterator(), 0, Verifier.End.OPEN);
    assertThat(open.finding()).isEmpty();
    assertThat(open.proven()).isEqualTo(proven);
    assertThat(open.tail()).isEqualTo(records.size() - proven);
    assertThat(shut(join(early), records).finding())
        .hasValueSatisfying(f -> assertThat(f.kind()).isEqualTo(Finding.Kind.ADDED));
  }

  @Test
  void aRecordThatChangedItsPartitionIsMovedInBoth() {
    Place other = new Place("jit.decisions", 4);
    List<LogRecord> others = Logs.records(new Random(9), 50);
    Proof otherProof = Proof.join(other, Logs.stretches(random, other, others), new Digests());
    List<LogRecord> from = new ArrayList<>(records);
    LogRecord moved = from.remove(20);
    List<LogRecord> to = new ArrayList<>(others);
    long end = others.get(49).offset() + 1;
    to.add(Logs.at(moved, end));
    List<Verdict> told =
        Verdict.acrossPartitions(
            List.of(
                shut(join(checkpoints), from),
                verifier.verify(otherProof, to.iterator(), 0, Verifier.End.SHUT)));
    assertThat(told)
        .allSatisfy(v -> assertThat(v.finding()).map(Finding::kind).hasValue(Finding.Kind.MOVED));
    assertThat(told.get(0).finding().orElseThrow().sentence())
        .contains("jit.decisions/3 offset " + moved.offset())
        .contains("jit.decisions/4 as offset " + end);
  }

  @Test
  void anUnreadablePlaceIsNamedByTheRecordThatShouldBeThere() {
    var copy =
        new java.util.Iterator<LogRecord>() {
          private int at;

          @Override
          public boolean hasNext() {
            return at < records.size();
          }

          @Override
          public LogRecord next() {
            if (at == 10) {
              throw new UnreadableCopyException("line 11 is no record");
            }
            return records.get(at++);
          }
        };
    assertThat(verifier.verify(join(checkpoints), copy, 0, Verifier.End.SHUT).finding())
        .hasValueSatisfying(
            f -> {
              assertThat(f.kind()).isEqualTo(Finding.Kind.UNREADABLE);
              assertThat(f.offset()).isEqualTo(records.get(10).offset());
            });
  }

  @Test
  void aChainGoesOnFromACheckpointAsIfItHadNeverStopped() {
    Folding whole = Folding.begin(Logs.PLACE, new Digests(), 0);
    records.forEach(whole::fold);
    Folding first = Folding.begin(Logs.PLACE, new Digests(), 0);
    records.subList(0, 123).forEach(first::fold);
    Folding second = Folding.after(first.take(Instant.EPOCH), new Digests());
    records.subList(123, 300).forEach(second::fold);
    assertThat(second.take(Instant.EPOCH).hash()).isEqualTo(whole.take(Instant.EPOCH).hash());
  }

  @Test
  void refusesToFoldWhatLiesBehind() {
    Folding folding = Folding.begin(Logs.PLACE, new Digests(), 0);
    folding.fold(records.get(1));
    assertThatThrownBy(() -> folding.fold(records.get(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("written anew");
  }

  /** Fixed, so that a checkpoint of today is verified in ten years. */
  @Test
  void theDigestsAreThoseOfTheDocument() {
    LogRecord record =
        new LogRecord(
            5,
            1_790_000_000_000L,
            "k".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            List.of(new LogRecord.Header("a", new byte[] {1}), new LogRecord.Header("b", null)),
            null);
    Digests digests = new Digests();
    assertThat(HexFormat.of().formatHex(digests.of(record)))
        .isEqualTo("906f67e8e5cd5323099584dc2297b3a378e5b644f3d7af13f8ea314178e5ac96");
    assertThat(HexFormat.of().formatHex(digests.genesis(new Place("jit.decisions", 3))))
        .isEqualTo("d35944828cc5922f19bf6de8f60c7ce8fab31b4dbe64bc10325a3d29367d5411");
  }
}
