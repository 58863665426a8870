package io.postern.policy.kafka;

import io.postern.event.ApprovalRequested;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Lease;
import io.postern.log.AvroFraming;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Ballot;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Held;
import io.postern.policy.domain.Ledger;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.Pending;
import io.postern.policy.domain.Settlement;
import io.postern.policy.domain.Unreviewed;
import io.postern.policy.domain.Usage;
import io.postern.policy.domain.UsageSum;
import io.postern.policy.domain.Wish;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The ledger in Kafka Streams' stores, which share a transaction with what is read and written. */
final class LedgerStore implements Ledger {
  static final String LEASES = "leases";
  static final String PENDING = "pending";
  static final String ANSWERED = "answered";
  static final String UNREVIEWED = "unreviewed";
  static final String HELD = "held";
  static final String TOGETHER = "together";
  static final String ASKED = "asked";

  private static final int FORGET_AT_ONCE = 1_000;

  private final AvroFraming framing;
  private final KeyValueStore<String, byte[]> leases;
  private final KeyValueStore<String, byte[]> pending;
  private final KeyValueStore<String, byte[]> unreviewed;
  // When a request was taken or a wish answered, in milliseconds; negative once it timed out.
  private final KeyValueStore<String, Long> answered;

  // What the store of leases holds. All writing goes through here, and whoever takes a partition
  // over reads it anew.
  private final GrantIndex grants = new GrantIndex();

  private final TogetherStore together;
  private final UsageStore usage;
  private final Usage everywhere;

  private @Nullable String forgetFrom;

  /**
   * @param elsewhere use that is counted in other partitions
   */
  LedgerStore(AvroFraming framing, ProcessorContext<byte[], byte[]> context, Usage elsewhere) {
    this.framing = framing;
    this.leases = context.getStateStore(LEASES);
    this.pending = context.getStateStore(PENDING);
    this.unreviewed = context.getStateStore(UNREVIEWED);
    this.answered = context.getStateStore(ANSWERED);
    this.together =
        new TogetherStore(framing, context.getStateStore(HELD), context.getStateStore(TOGETHER));
    this.usage = new UsageStore(context.getStateStore(ASKED));
    this.everywhere = new UsageSum(List.of(usage.index(), elsewhere));
    readLeases();
    together.forEachHeld(this::count);
  }

  private void readLeases() {
    try (KeyValueIterator<String, byte[]> it = leases.all()) {
      while (it.hasNext()) {
        var entry = it.next();
        Grant grant = LeaseEvents.toGrant((Lease) decode(entry.value));
        grants.put(grant);
        count(grant);
      }
    }
  }

  private void count(Grant grant) {
    if (grant.isRunning()) {
      usage.index().opened(grant.id(), grant.policy(), grant.owner());
    } else {
      usage.index().ended(grant.id());
    }
  }

  private void count(Held held) {
    AccessRequest r = held.request();
    usage.index().opened(r.grantId(), held.policy(), Owner.of(r.requestor()));
  }

  /** Requests of all-or-nothing that wait, and what is counted of them. */
  TogetherStore together() {
    return together;
  }

  /** What is counted for quotas in this partition. */
  UsageStore usageHere() {
    return usage;
  }

  @Override
  public Usage usage() {
    return everywhere;
  }

  @Override
  public Optional<Held> held(MachineId machine, GrantId id) {
    return together.held(machine, id);
  }

  @Override
  public Optional<String> withdrawnBy(MachineId machine, GrantId id) {
    return together.withdrawnBy(machine, id);
  }

  @Override
  public Optional<Ballot> ballot(MachineId machine, GrantId id) {
    return together.ballot(machine, id);
  }

  @Override
  public Map<MachineId, Ballot> ballots(RequestId request) {
    return together.ballots(request);
  }

  @Override
  public Optional<Settlement> settlement(RequestId request) {
    return together.settlement(request);
  }

  void put(Held held, Instant at) {
    AccessRequest r = held.request();
    taken(r.machine(), r.grantId(), at);
    together.put(held);
    count(held);
  }

  private static String key(MachineId machine, GrantId id) {
    return machine + "|" + id;
  }

  // One event may be about several machines, and is answered for each.
  private static String key(Wish wish) {
    return "wish|" + wish.eventId() + "|" + wish.grant();
  }

  @Override
  public Standing standing(MachineId machine, GrantId id) {
    Long at = answered.get(key(machine, id));
    if (at == null) {
      return Standing.UNKNOWN;
    }
    return at < 0 ? Standing.TIMED_OUT : Standing.TAKEN;
  }

  @Override
  public boolean isAnswered(Wish wish) {
    return answered.get(key(wish)) != null;
  }

  @Override
  public Optional<Pending> pending(MachineId machine, GrantId id) {
    return Optional.ofNullable(pending.get(key(machine, id))).map(this::toPending);
  }

  @Override
  public Optional<Grant> grant(MachineId machine, GrantId id) {
    return grants.get(machine, id);
  }

  @Override
  public List<Grant> running(MachineId machine, Owner owner) {
    return grants.running(machine, owner);
  }

  @Override
  public Optional<Unreviewed> unreviewed(MachineId machine, GrantId id) {
    return Optional.ofNullable(unreviewed.get(key(machine, id)))
        .map(v -> BreakGlassEvents.toUnreviewed((BreakGlassUsed) decode(v)));
  }

  /**
   * Forgets what was answered before an instant. Looks at a part of what there is, and goes on from
   * there the next time, so that it never takes long.
   */
  void forgetAnswered(Instant before) {
    List<String> old = new ArrayList<>();
    int seen = 0;
    try (KeyValueIterator<String, Long> it = answered.range(forgetFrom, null)) {
      while (it.hasNext() && seen++ < FORGET_AT_ONCE) {
        var entry = it.next();
        forgetFrom = entry.key;
        if (Math.abs(entry.value) < before.toEpochMilli()) {
          old.add(entry.key);
        }
      }
      if (!it.hasNext()) {
        forgetFrom = null;
      }
    }
    old.forEach(answered::delete);
  }

  void put(Unreviewed use, BreakGlassUsed event) {
    unreviewed.put(key(use.machine(), use.grant()), framing.encode(Topics.DECISIONS.name(), event));
  }

  void reviewed(Unreviewed use) {
    unreviewed.delete(key(use.machine(), use.grant()));
  }

  /** How many uses of break-glass nobody has reviewed. */
  long countUnreviewed() {
    long count = 0;
    try (KeyValueIterator<String, byte[]> it = unreviewed.all()) {
      while (it.hasNext()) {
        it.next();
        count++;
      }
    }
    return count;
  }

  /** Every grant that is not over; none may be put before it returns. */
  void forEachGrant(Consumer<Grant> consumer) {
    grants.forEach(consumer);
  }

  /** Every request that waits; the stores must not be changed before it returns. */
  void forEachPending(Consumer<Pending> consumer) {
    try (KeyValueIterator<String, byte[]> it = pending.all()) {
      it.forEachRemaining(e -> consumer.accept(toPending(e.value)));
    }
  }

  void taken(MachineId machine, GrantId id, Instant at) {
    String key = key(machine, id);
    over(key, machine, id);
    answered.put(key, at.toEpochMilli());
  }

  private void over(String key, MachineId machine, GrantId id) {
    // Deleting what is not there would be written to the log all the same.
    if (pending.get(key) != null) {
      pending.delete(key);
    }
    if (together.over(machine, id)) {
      usage.index().ended(id);
    }
  }

  void timedOut(MachineId machine, GrantId id, Instant at) {
    String key = key(machine, id);
    over(key, machine, id);
    answered.put(key, -at.toEpochMilli());
  }

  void answered(Wish wish, Instant at) {
    answered.put(key(wish), at.toEpochMilli());
  }

  /**
   * Keeps a grant, until it is over.
   *
   * @param lease the value of its record on the topic of leases; absent when it is over
   */
  void put(Grant grant, byte @Nullable [] lease) {
    count(grant);
    String key = key(grant.machine(), grant.id());
    if (lease == null) {
      leases.delete(key);
      grants.remove(grant);
    } else {
      leases.put(key, lease);
      // As it will be read after a restart.
      grants.put(LeaseEvents.asLeased(grant));
    }
  }

  void put(Pending waiting, ApprovalRequested event) {
    pending.put(
        key(waiting.request().machine(), waiting.request().grantId()),
        framing.encode(Topics.DECISIONS.name(), event));
  }

  private Pending toPending(byte[] value) {
    return ApprovalEvents.toPending((ApprovalRequested) decode(value));
  }

  private SpecificRecord decode(byte[] value) {
    try {
      return framing.decode(value);
    } catch (PoisonException e) {
      throw new IllegalStateException("our own state cannot be read", e);
    }
  }
}
