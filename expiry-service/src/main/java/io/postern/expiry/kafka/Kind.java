package io.postern.expiry.kafka;

import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.model.Ids;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;

/** What is announced of a grant, each at an instant of its own. */
enum Kind {
  /** Its end. */
  END {
    @Override
    long dueMicros(LeaseReader.Content lease) {
      return lease.endMicros();
    }

    @Override
    boolean isStale(long endMicros, long nowMicros) {
      return false;
    }

    @Override
    SpecificRecord event(LeaseReader.Content lease, Instant at) {
      return new AccessExpired(
          Ids.derived("expired", lease.grantId(), Long.toString(lease.endMicros())).toString(),
          at,
          lease.grantId(),
          lease.requestId(),
          lease.machineId(),
          lease.scope(),
          instant(lease.endMicros()));
    }
  },

  /** A while before it. */
  REMINDER {
    @Override
    long dueMicros(LeaseReader.Content lease) {
      return lease.reminderMicros();
    }

    @Override
    boolean isStale(long endMicros, long nowMicros) {
      return nowMicros >= endMicros;
    }

    @Override
    SpecificRecord event(LeaseReader.Content lease, Instant at) {
      return new AccessExpiring(
          Ids.derived("expiring", lease.grantId(), Long.toString(lease.reminderMicros()))
              .toString(),
          at,
          lease.grantId(),
          lease.requestId(),
          lease.machineId(),
          lease.scope(),
          lease.requestor(),
          lease.requestorIssuer(),
          instant(lease.reminderMicros()),
          instant(lease.endMicros()));
    }
  };

  /** The instant that is announced, in microseconds since 1970. */
  abstract long dueMicros(LeaseReader.Content lease);

  /**
   * Whether nobody is served by the announcement any more, so that it is left out.
   *
   * @param endMicros when the lease ends
   */
  abstract boolean isStale(long endMicros, long nowMicros);

  /**
   * The announcement; its id is derived from the grant and the instant.
   *
   * @param at the time that the event bears
   */
  abstract SpecificRecord event(LeaseReader.Content lease, Instant at);

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }
}
