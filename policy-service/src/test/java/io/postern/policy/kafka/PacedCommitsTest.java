package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.junit.jupiter.api.Test;

class PacedCommitsTest {
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private Instant now = Instant.parse("2026-03-01T10:00:00Z");
  private final PacedCommits commits = new PacedCommits(context, () -> now);

  private boolean committed() {
    boolean committed = context.committed();
    context.resetCommit();
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
    done(5_000);
    assertThat(timers()).isEqualTo(1);
    done(0);
    assertThat(committed()).isTrue();
    pass(1);
    assertThat(committed()).isFalse();
    assertThat(timers()).isZero();
  }
}
