package io.postern.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a record of a compacted topic that its writer once signed from one that somebody puts there
 * again: the old one was signed long before the one that stands. Safe for use by many threads.
 */
public final class Freshness {
  /** By how much the clocks of a writer's hosts may differ. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private final Map<String, Instant> standing = new ConcurrentHashMap<>();

  /**
   * A record, or a tombstone, takes the place of what stands under its key.
   *
   * @param isTombstone whether nothing stands there afterwards
   * @throws PoisonException TOO_OLD when it was signed before what stands; that stays
   */
  public void replace(String key, Instant signedAt, boolean isTombstone) throws PoisonException {
    Instant before = standing.get(key);
    if (before != null && signedAt.plus(TOLERANCE).isBefore(before)) {
      throw new PoisonException(
          PoisonException.Cause.TOO_OLD,
          "signed at %s, before what stands for %s, which was signed at %s"
              .formatted(signedAt, key, before));
    }
    if (isTombstone) {
      standing.remove(key);
    } else {
      standing.put(key, signedAt);
    }
  }
}
