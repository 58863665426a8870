package io.postern.policy.kafka;

import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.jspecify.annotations.Nullable;

/**
 * Commits a processor's records at a {@link CommitPace}, which it shares with all processors of its
 * thread: Kafka Streams ends one transaction for all of them, whichever asks. The last of many has
 * a timer of its own, set only while something is open: Kafka Streams takes whatever a timer did
 * for something to be committed, so that one that never stops would make an idle stream write
 * transactions. For the stream's thread.
 */
public final class PacedCommits {
  private static final Duration LOOK = Duration.ofMillis(CommitPace.SHORTEST_MILLIS / 2);
  private static final ThreadLocal<CommitPace> OF_THREAD = ThreadLocal.withInitial(CommitPace::new);

  private final CommitPace pace;
  private final ProcessingContext context;
  private final InstantSource clock;
  private @Nullable Cancellable timer;

  /**
   * To be made by the stream's thread.
   *
   * @param context of the processor whose records are committed
   */
  public PacedCommits(ProcessingContext context, InstantSource clock) {
    this(context, clock, OF_THREAD.get());
  }

  PacedCommits(ProcessingContext context, InstantSource clock, CommitPace pace) {
    this.context = context;
    this.pace = pace;
    this.clock = clock;
  }

  /**
   * A record is done.
   *
   * @param recordMillis when it was put on the log
   */
  public void done(long recordMillis) {
    if (pace.isDue(recordMillis, clock.millis())) {
      context.commit();
    } else if (timer == null && pace.isOpen()) {
      timer = context.schedule(LOOK, PunctuationType.WALL_CLOCK_TIME, t -> look());
    }
  }

  /** A transaction of this thread has ended; see {@link PacedClients}. */
  static void ended(long nowMillis) {
    OF_THREAD.get().ended(nowMillis);
  }

  private void look() {
    if (pace.isOverdue(clock.millis())) {
      context.commit();
    }
    if (!pace.isOpen() && timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
