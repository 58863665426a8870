package io.postern.expiry.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The instants of grants that are still to be announced, one of each grant: its end, or its
 * reminder. An announcement names the instant it is about, so that one that has moved is announced
 * anew. Correct for every order of what it is told: an announcement may come before its lease, a
 * lease twice.
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

    /** Announce it now; this record holds the lease. */
    record Fire(long record, long dueMicros) implements Step {}

    /** It moved, or the timer rang early: ring at this time. */
    record Wait(long untilMicros) implements Step {}

    /** Nothing: the grant ended otherwise, or somebody else announced it. */
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
   * A record says that the grant runs, and when its instant is.
   *
   * @return the deadline when its timer is to be set anew, for {@link Deadline#ringMicros}
   */
  public @Nullable Deadline runs(UUID grant, long dueMicros, long record, boolean verified) {
    Deadline d = table.getOrAdd(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    long before = d.ringMicros();
    claim(d, new Claim(record, dueMicros, verified, d.lease));
    return d.ringMicros() == before ? null : d;
  }

  /** A record says that the grant has no such instant any more; a tombstone says no less. */
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

  /** A record announces this instant of the grant. */
  public void announced(UUID grant, long dueMicros, long record, boolean verified) {
    Deadline d = table.getOrAdd(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    if (d.announcementOf(dueMicros, true) != null) {
      released.accept(record);
      return;
    }
    Claim claim = new Claim(record, dueMicros, verified, d.announced);
    d.announced = claim;
    if (verified) {
      forgetOthersLike(d, claim);
    }
  }

  /**
   * A lease of the grant, if none is known, may be read yet: {@link #forgetWithoutLease()} leaves
   * its announcements.
   *
   * @return whether announcements are known and no lease
   */
  public boolean leaseMayFollow(UUID grant) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    if (d == null || d.lease != null) {
      return false;
    }
    d.leaseMayFollow = true;
    return true;
  }

  /** Whether anything of the grant is known. */
  public boolean isKnown(UUID grant) {
    return table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits()) != null;
  }

  /** Whether an announcement of this instant of the grant is known, verified or not. */
  public boolean isAnnounced(UUID grant, long dueMicros) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    return d != null
        && (d.announcementOf(dueMicros, true) != null
            || d.announcementOf(dueMicros, false) != null);
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
   * What to do now about a grant; never {@link Step.Fire} before its instant.
   *
   * @param staggerMicros how long after the instant this replica waits for others to go first
   */
  public Step next(Deadline d, long nowMicros, long staggerMicros) {
    if (d.sent || d.dropped) {
      return SILENCE;
    }
    long ring = d.ringMicros();
    if (ring == Claim.OVER) {
      return unsettledEnd(d);
    }
    if (nowMicros - staggerMicros < ring) {
      return new Step.Wait(ring + staggerMicros);
    }
    Claim lease = d.lease;
    if (lease == null) {
      return SILENCE;
    }
    if (!lease.verified) {
      return new Step.Verify(lease.record);
    }
    if (d.announcementOf(lease.due, true) != null) {
      return SILENCE;
    }
    Claim unsettled = d.announcementOf(lease.due, false);
    return unsettled == null
        ? new Step.Fire(lease.record, lease.due)
        : new Step.Verify(unsettled.record);
  }

  private static Step unsettledEnd(Deadline d) {
    Claim lease = d.lease;
    return lease == null || lease.verified ? SILENCE : new Step.Verify(lease.record);
  }

  /**
   * Its announcement is on its way to the log, or was lost on it. While it is on its way, {@link
   * #next} is silent.
   */
  public void sent(Deadline d, boolean onItsWay) {
    d.sent = onItsWay;
  }

  /**
   * The announcement of this instant, sent by the caller, is on the log, whatever its echo says; or
   * the caller leaves it out for good.
   */
  public void acknowledged(Deadline d, long dueMicros) {
    if (!d.dropped && d.announcementOf(dueMicros, true) == null) {
      Claim claim = new Claim(NONE, dueMicros, true, d.announced);
      d.announced = claim;
      forgetOthersLike(d, claim);
    }
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
  public void verified(UUID grant, long record, boolean good) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    if (d == null) {
      return;
    }
    d.lease = settledLease(d.lease, record, good);
    settleAnnouncement(d, record, good);
    if (d.lease != null && d.lease.verified && d.lease.due == Claim.OVER
        || d.lease == null && d.announced == null) {
      drop(d);
    }
  }

  private @Nullable Claim settledLease(@Nullable Claim claim, long record, boolean good) {
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

  private void settleAnnouncement(Deadline d, long record, boolean good) {
    for (Claim c = d.announced; c != null; c = c.older) {
      if (c.record == record) {
        if (good) {
          c.verified = true;
          forgetOthersLike(d, c);
        } else {
          d.announced = without(d.announced, c);
          released.accept(record);
        }
        return;
      }
    }
  }

  private void forgetOthersLike(Deadline d, Claim kept) {
    for (Claim c = d.announced; c != null; c = c.older) {
      if (c != kept && c.due == kept.due) {
        d.announced = without(d.announced, c);
        released.accept(c.record);
      }
    }
  }

  private static @Nullable Claim without(@Nullable Claim chain, Claim gone) {
    if (chain == gone) {
      return gone.older;
    }
    for (Claim c = chain; c != null; c = c.older) {
      if (c.older == gone) {
        c.older = gone.older;
      }
    }
    return chain;
  }

  private void release(@Nullable Claim claims) {
    for (Claim c = claims; c != null; c = c.older) {
      released.accept(c.record);
    }
  }

  private void drop(Deadline d) {
    release(d.lease);
    release(d.announced);
    d.lease = null;
    d.announced = null;
    d.dropped = true;
    table.remove(d);
    dropped.accept(d);
  }

  /**
   * Forgets announcements of which no lease is known nor may follow: once both topics were read to
   * their end, their leases are off the log.
   */
  public void forgetWithoutLease() {
    List<Deadline> stray = new ArrayList<>();
    table.forEach(
        d -> {
          if (d.lease == null && !d.leaseMayFollow) {
            stray.add(d);
          }
        });
    stray.forEach(this::drop);
  }

  /** Forgets the grant if no lease of it is known. */
  public void forgetWithoutLease(UUID grant) {
    Deadline d = table.get(grant.getMostSignificantBits(), grant.getLeastSignificantBits());
    if (d != null && d.lease == null) {
      drop(d);
    }
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
