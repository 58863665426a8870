package io.postern.policy.kafka;

import io.postern.event.AccessGranted;
import io.postern.event.ApprovalRequested;
import io.postern.event.Lease;
import io.postern.log.Convert;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.PolicyId;
import io.postern.model.Requestor;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.Usage;
import io.postern.policy.domain.UsageIndex;
import io.postern.policy.domain.UsageSum;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The use of policies in all partitions, as the log tells it: a moment behind. It is read only once
 * a policy has quotas, because each lease is verified.
 */
final class UsageTail implements AutoCloseable {
  private static final Set<String> COUNTED =
      Set.of(
          AccessGranted.getClassSchema().getName(), ApprovalRequested.getClassSchema().getName());

  private final EventCodec codec;
  private final DeadLetters deadLetters;
  private final Clock clock;
  private final LogTail leases;
  private final LogTail decisions;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Map<Integer, UsageIndex> partitions = new ConcurrentHashMap<>();

  UsageTail(KafkaSettings kafka, EventCodec codec, DeadLetters deadLetters, Clock clock) {
    this.codec = codec;
    this.deadLetters = deadLetters;
    this.clock = clock;
    this.leases =
        new LogTail(
            "policy-service-usage-leases", kafka, List.of(Topics.LEASES.name()), this::lease);
    this.decisions =
        new LogTail(
            "policy-service-usage-decisions",
            kafka,
            List.of(Topics.DECISIONS.name()),
            Optional.of(UsageIndex.HOUR),
            this::decision);
  }

  /** Starts to count, unless it does already. */
  void start() {
    if (started.compareAndSet(false, true)) {
      leases.start();
      decisions.start();
    }
  }

  /** Waits until it has read what was there, if it was started. */
  void awaitCaughtUp(Duration timeout) throws InterruptedException {
    if (started.get()) {
      leases.awaitCaughtUp(timeout);
      decisions.awaitCaughtUp(timeout);
    }
  }

  /** Whether it counts, and has read what there is. */
  boolean isCaughtUp() {
    return started.get() && leases.isCaughtUp() && decisions.isCaughtUp();
  }

  /** Use in all partitions but one, whose task counts for itself. */
  Usage elsewhere(int partition) {
    return new Usage() {
      @Override
      public boolean isKnown() {
        return isCaughtUp();
      }

      @Override
      public long openGrants(PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
        return others().openGrants(policy, of, except);
      }

      @Override
      public long requestsAfter(
          PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
        return others().requestsAfter(policy, of, since, except);
      }

      private UsageSum others() {
        List<Usage> all = new ArrayList<>();
        partitions.forEach(
            (p, u) -> {
              if (p != partition) {
                all.add(u);
              }
            });
        return new UsageSum(all);
      }
    };
  }

  private UsageIndex index(ConsumerRecord<byte[], byte[]> record) {
    return partitions.computeIfAbsent(record.partition(), p -> new UsageIndex());
  }

  private void lease(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.value() == null) {
        codec.checkTombstone(Topics.LEASES, record);
        String key = new String(record.key(), StandardCharsets.UTF_8);
        index(record).ended(GrantId.parse(key.substring(key.lastIndexOf('/') + 1)));
        return;
      }
      Grant grant = LeaseEvents.toGrant((Lease) codec.readFromWriter(Topics.LEASES, record));
      if (grant.isRunning()) {
        index(record).opened(grant.id(), grant.policy(), grant.owner());
      } else {
        index(record).ended(grant.id());
      }
    } catch (PoisonException e) {
      deadLetters.send(Topics.LEASES, record, e);
    }
  }

  private void decision(ConsumerRecord<byte[], byte[]> record) {
    String type = String.valueOf(Headers.text(record.headers(), Headers.TYPE));
    if (COUNTED.stream().noneMatch(type::endsWith)) {
      return;
    }
    UsageIndex index = index(record);
    index.forgetUntil(clock.instant().minus(UsageIndex.HOUR));
    try {
      switch (codec.readFromWriter(Topics.DECISIONS, record)) {
        case AccessGranted g ->
            index.asked(
                GrantId.parse(g.getGrantId()),
                new PolicyId(g.getPolicyId()),
                Owner.of(Convert.toModel(g.getRequestor())),
                g.getOccurredAt());
        case ApprovalRequested a ->
            index.asked(
                GrantId.parse(a.getGrantId()),
                new PolicyId(a.getPolicyId()),
                Owner.of(requestor(a)),
                a.getOccurredAt());
        default -> {
          // Other decisions are not counted.
        }
      }
    } catch (PoisonException e) {
      deadLetters.send(Topics.DECISIONS, record, e);
    }
  }

  private static Requestor requestor(ApprovalRequested a) {
    return Convert.toModel(Objects.requireNonNull(a.getRequestor()));
  }

  @Override
  public void close() {
    if (started.get()) {
      leases.close();
      decisions.close();
    }
  }
}
