package io.postern.policy.kafka;

/**
 * When a stream asks for its transaction to end. A record that came after the last end does not
 * wait for company: all that waited before it are done, and it is committed with them at once.
 * Those that waited for an end share a transaction, for twice the time that the last end took at
 * most. Not safe for use by several threads.
 */
final class CommitPace {
  /** A record this old has waited for more than the end of one that was alone, too. */
  static final long WAITED_MILLIS = 10;

  /** While records wait, a transaction is open for so long at least. */
  static final long SHORTEST_MILLIS = 10;

  /** And for so long at most. */
  static final long LONGEST_MILLIS = 100;

  private static final long NEVER = Long.MIN_VALUE;

  private long begun = NEVER;
  private long asked = NEVER;
  private long ended = NEVER;
  private long took;
  private long done;
  private long before;

  /**
   * Whether to commit now that a record is done.
   *
   * @param recordMillis when it was put on the log
   */
  boolean isDue(long recordMillis, long nowMillis) {
    done++;
    if (begun == NEVER) {
      begun = nowMillis;
    }
    boolean waited = recordMillis <= ended;
    boolean alone = before <= 1 && nowMillis - recordMillis <= WAITED_MILLIS;
    return (!waited || alone || isLongOpen(nowMillis)) && ask(nowMillis);
  }

  /** Whether something is done whose end was not asked for. */
  boolean isOpen() {
    return begun != NEVER && asked == NEVER;
  }

  /** Whether to commit what is done although no further record comes. */
  boolean isOverdue(long nowMillis) {
    return isOpen() && isLongOpen(nowMillis) && ask(nowMillis);
  }

  /** A transaction has ended, whoever asked for it. */
  void ended(long nowMillis) {
    took = asked == NEVER ? took : nowMillis - asked;
    before = done;
    done = 0;
    begun = NEVER;
    asked = NEVER;
    ended = nowMillis;
  }

  private boolean isLongOpen(long nowMillis) {
    return nowMillis - begun >= Math.clamp(2 * took, SHORTEST_MILLIS, LONGEST_MILLIS);
  }

  // Kafka Streams may do some more records before it ends what it was asked to end; and should an
  // end fail, nobody says so.
  private boolean ask(long nowMillis) {
    if (asked != NEVER && nowMillis - asked < LONGEST_MILLIS) {
      return false;
    }
    asked = nowMillis;
    return true;
  }
}
