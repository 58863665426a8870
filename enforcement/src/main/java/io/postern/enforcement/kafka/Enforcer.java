package io.postern.enforcement.kafka;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.postern.enforcement.ScopeWorker;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.cloud.CloudAdapter;
import io.postern.enforcement.domain.Rehearsal;
import io.postern.event.AccessExpired;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.PlanRequested;
import io.postern.log.Convert;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.PoisonException;
import io.postern.log.RegistryException;
import io.postern.log.StateTable;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An enforcer on the log. It owns the scopes of the partitions that its consumer group assigns to
 * it: on assignment it rebuilds their state from the compacted topics, then works on them and
 * follows. It keeps nothing on disk and commits no offsets.
 */
public final class Enforcer<O, S> implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Enforcer.class);
  private static final Duration POLL = Duration.ofMillis(100);

  /**
   * Older expirations belong to grants that are over by their own clock: twice the longest grant.
   */
  private static final Duration EXPIRATIONS_BACK = Duration.ofHours(48);

  /** Nobody waits longer for the answer to a rehearsal; after a restart older ones are let lie. */
  private static final Duration REHEARSALS_BACK = Duration.ofMinutes(1);

  private static final List<String> OWNED =
      List.of(
          Topics.LEASES.name(),
          Topics.RESTORE_POINTS.name(),
          Topics.EXPIRATIONS.name(),
          Topics.DECISIONS.name());

  private static final String PLAN_REQUESTED = PlanRequested.class.getName();

  private final String service;
  private final Optional<String> instance;
  private final Set<Scope> scopes;
  private final CloudAdapter<O, S> cloud;
  private final KafkaSettings kafka;
  private final int partitions;
  private final EventCodec codec;
  private final Clock clock;
  private final WorkerSettings settings;
  private final KafkaProducer<byte[], byte[]> producer;
  private final DeadLetters deadLetters;
  private final StateTable<Policy> policies;
  private final EnforcerMetrics metrics;
  private final LogReporter reporter;
  private final SelfTest selfTest;
  private final Thread thread;
  private final Map<Scope, ScopeTable> tables = new ConcurrentHashMap<>();
  private final Map<Scope, ScopeWorker<O, S>> workers = new ConcurrentHashMap<>();
  // Touched by the consumer's thread only: partitions being read up to these offsets.
  private final Map<TopicPartition, Long> loading = new HashMap<>();
  private final Set<Integer> owned = new HashSet<>();
  // Asked for before the scope's worker was there.
  private final Map<Scope, List<Rehearsal>> early = new HashMap<>();
  private volatile Set<Scope> due = Set.of();
  private volatile boolean hasPartitions;
  private volatile boolean closed;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

  /**
   * @param service {@link Topics#AZURE_ENFORCER} or {@link Topics#AWS_ENFORCER}
   * @param instance name of this instance, unique among its kind and the same after a restart; with
   *     none, a restart after a kill waits for some seconds
   * @param scopes the scopes that this enforcer looks after
   */
  public Enforcer(
      String service,
      Optional<String> instance,
      Set<Scope> scopes,
      CloudAdapter<O, S> cloud,
      LogConnection log,
      Clock clock,
      WorkerSettings settings) {
    this.service = service;
    this.instance = instance;
    this.scopes = Set.copyOf(scopes);
    this.cloud = cloud;
    this.kafka = log.settings();
    this.partitions = log.partitions();
    this.codec = log.codec(service, clock);
    this.clock = clock;
    this.settings = settings;
    this.producer = kafka.newProducer(service);
    this.deadLetters = new DeadLetters(codec, producer);
    this.policies =
        new StateTable<>(
            service + "-policies",
            kafka,
            Topics.POLICIES,
            codec,
            deadLetters,
            event -> Convert.toModel((JitPolicy) event));
    this.metrics = new EnforcerMetrics(service, Metrics.globalRegistry, clock.instant());
    this.scopes.forEach(s -> metrics.budget(s, cloud::budgetLeft));
    this.reporter =
        new LogReporter(
            codec,
            producer,
            partitions,
            clock,
            cloud.establishedConnections(),
            cloud.lockdownNotice(),
            metrics,
            service,
            (scope, grant) -> table(scope).causeOf(grant),
            (scope, ruleSet, restorePoint) -> table(scope).put(ruleSet, restorePoint));
    this.selfTest = new SelfTest(metrics, cloud::missingPermissions);
    this.thread = new Thread(this::run, service);
    thread.setDaemon(true);
    metrics.gauge(
        Gauge.builder("postern.close.overdue", this, Enforcer::overdueSeconds)
            .description("how long any port has stood open past its grant's end")
            .baseUnit("seconds"));
  }

  /** Starts to follow the log; returns at once. */
  public Enforcer<O, S> start() {
    policies.onChange(() -> workers.values().forEach(ScopeWorker::lookAtEverything));
    policies.start();
    thread.start();
    return this;
  }

  private double overdueSeconds() {
    return workers.values().stream().mapToDouble(w -> w.overdue().toMillis() / 1e3).max().orElse(0);
  }

  /** Whether this instance has its partitions and works on every scope that falls to it. */
  public boolean isReady() {
    return hasPartitions && policies.isCaughtUp() && workers.keySet().containsAll(due);
  }

  private ScopeTable table(Scope scope) {
    return tables.computeIfAbsent(scope, s -> new ScopeTable(policies::all));
  }

  private void run() {
    Map<String, Object> config = kafka.member(service, instance);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
    // The same partition number of all four topics goes to the same member.
    config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(config)) {
        consumer = c;
        c.subscribe(OWNED, new Ownership(c));
        while (!closed) {
          takeAll(c, c.poll(POLL));
          startLoaded(c);
        }
      } catch (WakeupException e) {
        LOGGER.atDebug().log("woken up to stop");
      } catch (RuntimeException e) {
        LOGGER.atWarn().setCause(e).log("following the log failed, starting over");
        stopWorkers(Set.copyOf(owned));
        pause();
      }
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private final class Ownership implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> c;

    Ownership(KafkaConsumer<byte[], byte[]> c) {
      this.c = c;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      loading.putAll(c.endOffsets(assigned));
      for (TopicPartition p : assigned) {
        owned.add(p.partition());
        if (p.topic().equals(Topics.EXPIRATIONS.name())) {
          seekBack(p, EXPIRATIONS_BACK);
        } else if (p.topic().equals(Topics.DECISIONS.name())) {
          seekBack(p, REHEARSALS_BACK);
        } else {
          c.seekToBeginning(List.of(p));
        }
      }
      due = scopesOf(owned);
      hasPartitions = true;
    }

    private void seekBack(TopicPartition p, Duration time) {
      long since = clock.instant().minus(time).toEpochMilli();
      var found = c.offsetsForTimes(Map.of(p, since)).get(p);
      c.seek(p, found == null ? loading.getOrDefault(p, 0L) : found.offset());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      Set<Integer> numbers = new HashSet<>();
      revoked.forEach(p -> numbers.add(p.partition()));
      loading.keySet().removeAll(revoked);
      stopWorkers(numbers);
    }
  }

  private void stopWorkers(Set<Integer> numbers) {
    owned.removeAll(numbers);
    due = scopesOf(owned);
    for (Scope scope : scopes) {
      if (numbers.contains(Topics.partition(scope, partitions))) {
        ScopeWorker<O, S> worker = workers.remove(scope);
        if (worker != null) {
          worker.close();
        }
        tables.remove(scope);
        metrics.released(scope);
      }
    }
  }

  private Set<Scope> scopesOf(Set<Integer> numbers) {
    Set<Scope> found = new HashSet<>();
    for (Scope scope : scopes) {
      if (numbers.contains(Topics.partition(scope, partitions))) {
        found.add(scope);
      }
    }
    return Set.copyOf(found);
  }

  private void startLoaded(KafkaConsumer<byte[], byte[]> c) {
    loading.entrySet().removeIf(e -> c.position(e.getKey()) >= e.getValue());
    if (!policies.isCaughtUp()) {
      return;
    }
    Set<Integer> stillLoading = new HashSet<>();
    loading.keySet().forEach(p -> stillLoading.add(p.partition()));
    for (Scope scope : scopes) {
      int partition = Topics.partition(scope, partitions);
      if (owned.contains(partition)
          && !stillLoading.contains(partition)
          && !workers.containsKey(scope)) {
        LOGGER.atInfo().addKeyValue("scope", scope).log("working on scope");
        ScopeWorker<O, S> worker =
            new ScopeWorker<>(scope, cloud, table(scope), reporter, reporter, clock, settings)
                .start();
        workers.put(scope, worker);
        Thread.startVirtualThread(() -> selfTest.run(scope));
        Optional.ofNullable(early.remove(scope)).ifPresent(e -> e.forEach(worker::rehearse));
      }
    }
  }

  private void takeAll(KafkaConsumer<byte[], byte[]> c, ConsumerRecords<byte[], byte[]> batch) {
    for (TopicPartition partition : batch.partitions()) {
      for (ConsumerRecord<byte[], byte[]> record : batch.records(partition)) {
        try {
          take(record);
        } catch (RegistryException e) {
          // The record may be good: it is read again, while the workers go on with what is known.
          LOGGER.atWarn().setCause(e).log("the schema registry does not answer, reading again");
          c.seek(partition, record.offset());
          break;
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Topic topic =
        Stream.of(Topics.LEASES, Topics.RESTORE_POINTS, Topics.EXPIRATIONS, Topics.DECISIONS)
            .filter(t -> t.name().equals(record.topic()))
            .findFirst()
            .orElseThrow();
    try {
      if (topic == Topics.LEASES) {
        takeLease(record);
      } else if (topic == Topics.RESTORE_POINTS) {
        takeRestorePoint(record);
      } else if (topic == Topics.EXPIRATIONS) {
        takeExpiration(record);
      } else if (PLAN_REQUESTED.equals(Headers.text(record.headers(), Headers.TYPE))) {
        // All other decisions reach us as leases: not even their signatures are looked at.
        takePlanRequest(record);
      }
    } catch (PoisonException e) {
      deadLetters.send(topic, record, e);
    } catch (InvalidValueException e) {
      deadLetters.send(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
  }

  private void takeExpiration(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    if (!(codec.readFromWriter(Topics.EXPIRATIONS, record) instanceof AccessExpired expired)) {
      return; // a reminder
    }
    Scope scope = new Scope(expired.getScope());
    if (scopes.contains(scope)) {
      table(scope).expire(GrantId.parse(expired.getGrantId()), expired.getExpiresAt());
      signal(scope, Optional.of(new MachineId(expired.getMachineId())));
    }
  }

  private void takePlanRequest(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    PlanRequested asked = (PlanRequested) codec.readFromWriter(Topics.DECISIONS, record);
    Scope scope = new Scope(asked.getScope());
    if (scopes.contains(scope)) {
      Rehearsal rehearsal =
          new Rehearsal(asked.getChangeId(), Convert.toModel(asked.getDocument(), 0));
      ScopeWorker<O, S> worker = workers.get(scope);
      if (worker == null) {
        early.computeIfAbsent(scope, s -> new ArrayList<>()).add(rehearsal);
      } else {
        worker.rehearse(rehearsal);
      }
    }
  }

  private void takeLease(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    int slash = key.lastIndexOf('/');
    if (slash < 0) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "key must be scope/grant id");
    }
    Scope scope = new Scope(key.substring(0, slash));
    if (!scopes.contains(scope)) {
      return;
    }
    if (record.value() == null) {
      codec.checkTombstone(Topics.LEASES, record);
      GrantId gone = GrantId.parse(key.substring(slash + 1));
      signal(scope, table(scope).remove(gone, clock.instant()));
      return;
    }
    Lease lease = (Lease) codec.readFromWriter(Topics.LEASES, record);
    var grant = Leases.toGrant(lease);
    if (!grant.machine().scope().equals(scope)) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, grant.machine() + " does not lie in " + scope);
    }
    table(scope).causedBy(grant.id(), Trace.of(record.headers()));
    if (!table(scope).put(grant, clock.instant())) {
      throw new PoisonException(
          PoisonException.Cause.TOO_OLD, "grant " + grant.id() + " is over and runs no more");
    }
    signal(scope, Optional.of(grant.machine()));
  }

  private void takeRestorePoint(ConsumerRecord<byte[], byte[]> record) throws PoisonException {
    RuleSetId ruleSet = new RuleSetId(new String(record.key(), StandardCharsets.UTF_8));
    Scope scope = ruleSet.scope();
    // While we work on a scope we are its only writer and know better than the echo of our own
    // words.
    if (!scopes.contains(scope) || workers.containsKey(scope)) {
      return;
    }
    if (record.value() == null) {
      var signed = codec.checkTombstone(Topics.RESTORE_POINTS, record);
      table(scope).put(ruleSet, Optional.empty(), signed.signedAt());
      return;
    }
    EventCodec.Received received = codec.receiveFromWriter(Topics.RESTORE_POINTS, record);
    var event = (io.postern.event.RestorePoint) received.event();
    table(scope)
        .put(ruleSet, Optional.of(Leases.toRestorePoint(event)), received.signature().signedAt());
  }

  private void signal(Scope scope, Optional<MachineId> machine) {
    ScopeWorker<O, S> worker = workers.get(scope);
    if (worker != null) {
      machine.ifPresent(worker::lookAgain);
    }
  }

  @Override
  public void close() {
    closed = true;
    var c = consumer;
    if (c != null) {
      c.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.values().forEach(ScopeWorker::close);
    workers.clear();
    policies.close();
    producer.close(Duration.ofSeconds(5));
    metrics.close();
  }
}
