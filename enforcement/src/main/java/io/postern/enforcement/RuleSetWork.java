package io.postern.enforcement;

import io.postern.enforcement.domain.RuleSetReport;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where the work on one rule set stands; touched by the scope's coordinator only. */
final class RuleSetWork {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  boolean dirty;
  boolean running;

  /** Due, but too many others are being looked at. */
  boolean waitsForRoom;

  /** Number of the dispatch whose report this is; 0 for none yet. */
  long reportedSequence;

  long runningSequence;
  @Nullable RuleSetReport report;
  Instant notBefore = Instant.MIN;
  private Instant startedAt = Instant.MIN;
  private Instant putOffUntil = Instant.MIN;
  private int failures;

  boolean isDue(Instant now) {
    return dirty && !running && !now.isBefore(notBefore);
  }

  /** Whether the next look is put off, until this long after the last one began. */
  boolean putOff(Duration pause, Instant now) {
    if (!pause.isPositive() || startedAt == Instant.MIN) {
      return false;
    }
    Instant next = startedAt.plus(pause);
    if (!now.isBefore(next)) {
      return false;
    }
    putOffUntil = next;
    return true;
  }

  /** When the next look is due. */
  Instant dueAt() {
    return notBefore.isAfter(putOffUntil) ? notBefore : putOffUntil;
  }

  void started(long sequence, Instant now) {
    dirty = false;
    running = true;
    runningSequence = sequence;
    startedAt = now;
  }

  void finished(RuleSetReport newest, Instant now) {
    running = false;
    putOffUntil = Instant.MIN;
    report = newest;
    reportedSequence = runningSequence;
    if (newest.trouble().isEmpty()) {
      failures = 0;
      notBefore = Instant.MIN;
    } else {
      dirty = true;
      failures++;
      notBefore = now.plus(pause(newest));
    }
  }

  private Duration pause(RuleSetReport newest) {
    Duration backoff = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
    Duration bounded = backoff.compareTo(LONGEST_PAUSE) < 0 ? backoff : LONGEST_PAUSE;
    if (newest.trouble().orElseThrow()
        instanceof io.postern.enforcement.domain.Outcome.Deferred deferred) {
      return deferred.retryAfter().compareTo(bounded) > 0 ? deferred.retryAfter() : bounded;
    }
    return bounded;
  }
}
