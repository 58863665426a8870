package io.postern.policy.kafka;

/**
 * When the decision asks for its transaction to end. A record that has just come is committed by
 * itself, so that nobody waits for company. Once records wait, each further transaction only costs
 * those behind it: then several share one. What is not asked for here is committed at Kafka
 * Streams' own interval. Not safe for use by several threads.
 */
final class CommitPace {
  /** A record this old has waited for others: a single one is decided sooner. */
  static final long WAITED_MILLIS = 10;

  /** While records wait, so long at most goes by between two transactions. */
  static final long INTERVAL_MILLIS = 10;

  private long asked = Long.MIN_VALUE / 2;

  /**
   * Whether to commit now that a record is done.
   *
   * @param recordMillis when it was put on the log
   */
  boolean isDue(long recordMillis, long nowMillis) {
    boolean waited = nowMillis - recordMillis > WAITED_MILLIS;
    if (waited && nowMillis - asked < INTERVAL_MILLIS) {
      return false;
    }
    asked = nowMillis;
    return true;
  }
}
