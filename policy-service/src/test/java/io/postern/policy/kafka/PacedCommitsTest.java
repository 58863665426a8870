package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacedCommitsTest {
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private Instant now = Instant.parse("2026-03-01T10:00:00Z");
  private final CommitPace pace = new CommitPace();
  private final PacedCommits commits = new PacedCommits(context, () -> now, pace);

  @BeforeEach
  void somethingHasEnded() {
    pace.ended(now.toEpochMilli());
  }

  /** Whether an end was asked for, which then comes. */
  private boolean committed() {
    boolean committed = context.committed();
    context.resetCommit();
    if (committed) {
      pace.ended(now.toEpochMilli());
    }
    return committed;
  }

  private long timers() {
    return context.scheduledPunctuators().stream().filter(p -> !p.cancelled()).count();
  }

  private void pass(long millis) {
    now = now.plusMillis(millis);
    for (CapturedPunctuator each : context.scheduledPunctuators()) {
      if (!each.cancelled()) {
        each.getPunctuator().punctuate(now.toEpochMilli());
      }
    }
  }

  private void done(long waitedMillis) {
    commits.done(now.toEpochMilli() - waitedMillis);
  }

  @Test
  void theLastOfManyIsCommittedThoughNoFurtherRecordComes() {
    done(5_000);
    done(5_000);
    assertThat(committed()).isFalse();
    assertThat(timers()).isEqualTo(1);
    pass(CommitPace.SHORTEST_MILLIS);
    assertThat(committed()).isTrue();
    pass(1_000);
    assertThat(committed()).isFalse();
  }

  @Test
  void anIdleStreamHasNoTimerThatWouldMakeItCommit() {
    done(0);
    assertThat(committed()).isTrue();
    assertThat(timers()).isZero();
    done(5_000);
    pass(CommitPace.SHORTEST_MILLIS);
    assertThat(timers()).isZero();
    assertThat(committed()).isTrue();
    done(5_000);
    assertThat(timers()).isEqualTo(1);
    done(0);
    assertThat(committed()).isTrue();
    pass(1);
    assertThat(committed()).isFalse();
    assertThat(timers()).isZero();
  }

  @Test
  void tasksOfOneThreadAskForOneEndOfTheirTransaction() {
    MockProcessorContext<byte[], byte[]> other = new MockProcessorContext<>();
    PacedCommits others = new PacedCommits(other, () -> now, pace);
    done(5_000);
    others.done(now.toEpochMilli() - 5_000);
    now = now.plusMillis(CommitPace.SHORTEST_MILLIS);
    done(5_000);
    others.done(now.toEpochMilli() - 5_000);
    assertThat(other.committed()).as("it was asked for").isFalse();
    assertThat(committed()).isTrue();
    now = now.plusMillis(1);
    others.done(now.toEpochMilli() - 5_000);
    assertThat(other.committed()).as("another has begun").isFalse();
  }

  @Test
  void eachThreadHasAPaceOfItsOwn() throws InterruptedException {
    long waited = now.toEpochMilli() - 5_000;
    PacedCommits here = new PacedCommits(context, () -> now);
    PacedCommits alsoHere = new PacedCommits(context, () -> now);
    PacedCommits.ended(now.toEpochMilli());
    MockProcessorContext<byte[], byte[]> other = new MockProcessorContext<>();
    here.done(waited);
    now = now.plusMillis(CommitPace.SHORTEST_MILLIS);
    Thread elsewhere =
        new Thread(
            () -> {
              PacedCommits.ended(now.toEpochMilli());
              new PacedCommits(other, () -> now).done(waited);
            },
            "stream");
    elsewhere.start();
    elsewhere.join();
    assertThat(other.committed()).isFalse();
    alsoHere.done(waited);
    assertThat(committed()).isTrue();
  }
}
