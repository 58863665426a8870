package io.postern.expiry.kafka;

import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An announcement that was made ready before its instant; it leaves this process at its instant or
 * never.
 *
 * @param lease the record of the lease that it was made from, as {@link Spill} numbers them
 * @param dueMicros the instant that it announces, in microseconds since 1970
 * @param endMicros when the lease ends, likewise
 * @param record what is sent, signed
 */
record Prepared(long lease, long dueMicros, long endMicros, ProducerRecord<byte[], byte[]> record) {
  // It bears its instant as its time; later than this it is written anew. Not much sooner: writing
  // takes longer than sending, and a storm that is behind would fall behind for good.
  private static final long HOLDS_MICROS = Duration.ofSeconds(5).toNanos() / 1_000;

  /** Whether it is what is to be said now of this record of the lease. */
  boolean isGoodFor(long record, long nowMicros) {
    return lease == record && nowMicros - dueMicros < HOLDS_MICROS;
  }
}
