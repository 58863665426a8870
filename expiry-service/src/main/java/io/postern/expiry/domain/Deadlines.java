package io.postern.expiry.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The grants whose end is still to be made official. Correct for every order of what it is told: an
 * expiration may come before its lease, a lease twice.
 *
 * <p>A record may be told before its signature is verified; it is then a claim that decides
 * nothing. {@link #next} asks for the verification when it matters. Until then the older records of
 * the grant are kept, so that a forged one can neither delay, nor cancel, nor silence a true one.
 * Records are named by a number of the caller's; the caller hears when one is needed no longer. Not
 * safe for use by several threads.
 */
public final class Deadlines {

  /** What to do about a grant whose timer rang. */
  public sealed interface Step {
    /** Verify this record, tell {@link #verified}, and ask again. */
    record Verify(long record) implements Step {}

    /** Make it official now; this record holds the lease. */
    record Fire(long record, long endMicros) implements Step {}

    /** Its end moved, or the timer rang early: ring at this time. */
    record Wait(long untilMicros) implements Step {}

    /** Nothing: it ended otherwise, or somebody else made it official. */
    record Silence() implements Step {}
  }

  /** The number of no record. */
  public static final long NONE = -1;

  private static final Step SILENCE = new Step.Silence();

  private final GrantTable table = new GrantTable();
  private final LongConsumer released;
  private final Consumer<Deadline> dropped;

  /**
   * @param released told of every record that is needed no longer
   * @param dropped told of every grant that needs no timer any longer
   */
  public Deadlines(LongConsumer released, Consumer<Deadline> dropped) {
    this.released = released;
    this.dropped = dropped;
  }

  /**
   * A record says that the grant runs until its end.
   *
   * @return the deadline when its timer is to be set anew, for {@link Deadline#ringMicros}
   */
  public @Nullable Deadline runs(UUID grant, long endMicros, long record, boolean verified) {
    Deadline d = table.getOrAdd(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    long before = d.ringMicros();
    claim(d, new Claim(record, endMicros, verified, d.lease));
    return d.ringMicros() == before ? null : d;
  }

  /** A record says that the grant ended otherwise; a tombstone says no less. */
  public void ended(UUID grant, long record, boolean verified) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    if (d == null) {
      released.accept(record);
      return;
    }
    claim(d, new Claim(record, Claim.OVER, verified, d.lease));
    if (verified) {
      drop(d);
    }
  }

  /** A record says that the grant's end is official. */
  public void expired(UUID grant, long record, boolean verified) {
    Deadline d = table.getOrAdd(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    Claim known = d.expired;
    if (known != null && known.verified) {
      released.accept(record);
      return;
    }
    d.expired = new Claim(record, 0, verified, known);
    if (verified) {
      release(known);
      d.expired.older = null;
    }
  }

  /** Whether anything of the grant is known. */
  public boolean isKnown(UUID grant) {
    return table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits()) != null;
  }

  /** Whether an expiration of the grant is known, verified or not. */
  public boolean isExpired(UUID grant) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    return d != null && d.expired != null;
  }

  private void claim(Deadline d, Claim claim) {
    d.lease = claim;
    d.sent = false;
    if (claim.verified) {
      release(claim.older);
      claim.older = null;
    }
  }

  /**
   * What to do now about a grant; never {@link Step.Fire} before its end.
   *
   * @param staggerMicros how long after the end this replica waits for others to go first
   */
  public Step next(Deadline d, long nowMicros, long staggerMicros) {
    if (d.sent || !table.contains(d)) {
      return SILENCE;
    }
    long ring = d.ringMicros();
    if (ring == Claim.OVER) {
      return unsettledEnd(d);
    }
    if (nowMicros - staggerMicros < ring) {
      return new Step.Wait(ring + staggerMicros);
    }
    Claim expired = d.expired;
    if (expired != null) {
      return expired.verified ? SILENCE : new Step.Verify(expired.record);
    }
    Claim lease = d.lease;
    if (lease == null) {
      return SILENCE;
    }
    if (!lease.verified) {
      return new Step.Verify(lease.record);
    }
    return new Step.Fire(lease.record, lease.end);
  }

  private static Step unsettledEnd(Deadline d) {
    Claim lease = d.lease;
    return lease == null || lease.verified ? SILENCE : new Step.Verify(lease.record);
  }

  /**
   * Its expiration is on its way to the log, or was lost on it. While it is on its way, {@link
   * #next} is silent.
   */
  public void sent(Deadline d, boolean onItsWay) {
    d.sent = onItsWay;
  }

  /**
   * Its expiration, sent by the caller, is on the log: official, whatever its echo says. The record
   * of the lease is needed no longer.
   */
  public void acknowledged(Deadline d) {
    if (table.contains(d) && (d.expired == null || !d.expired.verified)) {
      release(d.expired);
      d.expired = new Claim(NONE, 0, true, null);
      d.echoAwaited = true;
    }
  }

  /**
   * Whether this expiration is the echo of the one that was {@link #acknowledged}; once each. Only
   * for an expiration that changes nothing any more.
   */
  public boolean isEcho(UUID grant) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    boolean echo = d != null && d.echoAwaited;
    if (d != null) {
      d.echoAwaited = false;
    }
    return echo;
  }

  /**
   * The newest record of the lease when it is still to be verified, for a caller with time to
   * spare.
   */
  public static java.util.OptionalLong unverified(Deadline d) {
    Claim lease = d.lease;
    return lease == null || lease.verified
        ? java.util.OptionalLong.empty()
        : java.util.OptionalLong.of(lease.record);
  }

  /** A record that was asked for is what it says, or is forged and forgotten. */
  public void verified(Deadline d, long record, boolean good) {
    d.expired = settled(d.expired, record, good);
    d.lease = settled(d.lease, record, good);
    if (d.lease != null && d.lease.verified && d.lease.end == Claim.OVER
        || d.lease == null && d.expired == null) {
      drop(d);
    }
  }

  private @Nullable Claim settled(@Nullable Claim claim, long record, boolean good) {
    if (claim == null || claim.record != record) {
      return claim;
    }
    if (!good) {
      released.accept(record);
      return claim.older;
    }
    claim.verified = true;
    release(claim.older);
    claim.older = null;
    return claim;
  }

  private void release(@Nullable Claim claims) {
    for (Claim c = claims; c != null; c = c.older) {
      released.accept(c.record);
    }
  }

  private void drop(Deadline d) {
    release(d.lease);
    release(d.expired);
    d.lease = null;
    d.expired = null;
    table.remove(d);
    dropped.accept(d);
  }

  /**
   * Forgets expirations of which no lease is known: once both topics were read to their end, their
   * leases are off the log.
   */
  public void forgetWithoutLease() {
    List<Deadline> stray = new ArrayList<>();
    table.forEach(
        d -> {
          if (d.lease == null) {
            stray.add(d);
          }
        });
    stray.forEach(this::drop);
  }

  /** How many grants are known. */
  public int size() {
    return table.size();
  }

  /** Every grant; none may be added or removed meanwhile. */
  public void forEach(Consumer<Deadline> action) {
    table.forEach(action);
  }
}
