package io.postern.policy.kafka;

/**
 * When a stream asks for its transaction to end. A record that has just come is committed by
 * itself, so that nobody waits for company. Once records wait, each further transaction only costs
 * those behind it: then several share one, for twice the time that ending the last one took, so
 * that at most a third of the time goes into ending them. Not safe for use by several threads.
 */
final class CommitPace {
  /** A record this old has waited for others: a single one is decided sooner. */
  static final long WAITED_MILLIS = 10;

  /** While records wait, a transaction is open for so long at least. */
  static final long SHORTEST_MILLIS = 10;

  /** And for so long at most. */
  static final long LONGEST_MILLIS = 100;

  private static final long NEVER = Long.MIN_VALUE;

  private long begun = NEVER;
  private long asked = NEVER;
  private long open = SHORTEST_MILLIS;

  /**
   * Whether to commit now that a record is done.
   *
   * @param recordMillis when it was put on the log
   */
  boolean isDue(long recordMillis, long nowMillis) {
    if (!isOpen()) {
      begin(recordMillis, nowMillis);
    }
    boolean waited = nowMillis - recordMillis > WAITED_MILLIS;
    return (!waited || nowMillis - begun >= open) && end(nowMillis);
  }

  /** Whether something is done that is not to be committed yet. */
  boolean isOpen() {
    return begun != NEVER;
  }

  /** Whether to commit what is done although no further record comes. */
  boolean isOverdue(long nowMillis) {
    return isOpen() && nowMillis - begun >= open && end(nowMillis);
  }

  private void begin(long recordMillis, long nowMillis) {
    begun = nowMillis;
    // What was there already when the end was asked for has waited for nothing else.
    boolean waitedForTheEnd = asked != NEVER && recordMillis <= asked;
    open =
        waitedForTheEnd
            ? Math.clamp(2 * (nowMillis - asked), SHORTEST_MILLIS, LONGEST_MILLIS)
            : SHORTEST_MILLIS;
  }

  private boolean end(long nowMillis) {
    begun = NEVER;
    asked = nowMillis;
    return true;
  }
}
