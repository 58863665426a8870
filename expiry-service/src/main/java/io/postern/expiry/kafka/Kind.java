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
    boolean isStale(LeaseReader.Content lease, long nowMicros) {
      return false;
    }

    @Override
    SpecificRecord event(LeaseReader.Content lease, Instant now) {
      return new AccessExpired(
          Ids.derived("expired", lease.grantId(), Long.toString(lease.endMicros())).toString(),
          now,
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
    boolean isStale(LeaseReader.Content lease, long nowMicros) {
      return nowMicros >= lease.endMicros();
    }

    @Override
    SpecificRecord event(LeaseReader.Content lease, Instant now) {
      return new AccessExpiring(
          Ids.derived("expiring", lease.grantId(), Long.toString(lease.reminderMicros()))
              .toString(),
          now,
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

  /** Whether nobody is served by the announcement any more, so that it is left out. */
  abstract boolean isStale(LeaseReader.Content lease, long nowMicros);

  /** The announcement; its id is derived from the grant and the instant. */
  abstract SpecificRecord event(LeaseReader.Content lease, Instant now);

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }
}
