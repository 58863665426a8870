package io.postern.policy.kafka;

import io.postern.event.AccessClosed;
import io.postern.event.AccessExpired;
import io.postern.event.EndReason;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.RequestVetted;
import io.postern.event.RevocationVetted;
import io.postern.log.AvroFraming;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.StateTable;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.Requestor;
import io.postern.model.Scope;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Decider;
import io.postern.policy.domain.Decision;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.domain.PolicyChanges;
import io.postern.policy.domain.RunningGrant;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine over requests and leases of the scopes of one partition. Everything that it
 * writes for one record (decision, lease, its own state) is one transaction with having read it.
 */
final class DecisionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  static final String LEASES_STORE = "leases";
  static final String ANSWERED_STORE = "answered";
  static final String LEASES_SINK = "to-leases";
  static final String DECISIONS_SINK = "to-decisions";
  static final String DEAD_LETTERS_SINK = "to-dead-letters";

  private static final Logger LOGGER = LoggerFactory.getLogger(DecisionProcessor.class);
  private static final Duration POLICY_SWEEP = Duration.ofSeconds(1);

  /** What the processor decides with; shared by all tasks. */
  record Tools(
      EventCodec codec,
      EventCodec internal,
      AvroFraming framing,
      StateTable<JitPolicy> policies,
      StateTable<MachineFacts> machines,
      OperatorBounds bounds,
      Set<String> adminGroups,
      int partitions,
      Clock clock) {}

  private final Tools tools;
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<String, byte[]> leases;
  private KeyValueStore<String, Long> answered;

  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else.
  DecisionProcessor(Tools tools) {
    this.tools = tools;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    this.context = processorContext;
    this.leases = processorContext.getStateStore(LEASES_STORE);
    this.answered = processorContext.getStateStore(ANSWERED_STORE);
    processorContext.schedule(
        POLICY_SWEEP, PunctuationType.WALL_CLOCK_TIME, t -> revokeWhatNoPolicyCovers());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    String topicName = context.recordMetadata().orElseThrow().topic();
    Topic topic = Topics.byName(topicName);
    try {
      if (topic == Topics.VETTED) {
        vetted(
            tools.internal().read(topic, topicName, record.key(), record.value(), record.headers()),
            record);
      } else {
        EventCodec.Received received =
            tools.codec().read(topic, topicName, record.key(), record.value(), record.headers());
        EventCodec.checkWriter(topic, received.signature());
        happened(received.event());
      }
    } catch (PoisonException e) {
      deadLetter(topic, record, e);
    } catch (InvalidValueException e) {
      deadLetter(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
    // Commit as soon as the records at hand are done, not at the end of an interval.
    context.commit();
  }

  private void vetted(EventCodec.Received received, Record<byte[], byte[]> record) {
    Optional<String> trace =
        Optional.ofNullable(Headers.text(record.headers(), Headers.TRACE_PARENT));
    switch (received.event()) {
      case RequestVetted r -> decide(DecisionEvents.toRequest(r), trace);
      case RevocationVetted r -> revoke(r);
      default -> throw new IllegalStateException(received.event().getSchema().getFullName());
    }
  }

  private void decide(AccessRequest request, Optional<String> trace) {
    String key = request.id() + "|" + request.machine();
    if (answered.get(key) != null) {
      return;
    }
    Instant now = tools.clock().instant();
    Optional<MachineFacts> known = tools.machines().get(request.machine().value());
    List<Lease> running = running(request.machine());
    Decision decision =
        Decider.decide(
            request,
            known.orElseGet(() -> MachineFacts.unseen(request.machine())),
            known.isPresent(),
            policies(),
            running.stream().map(DecisionEvents::toRunning).toList(),
            tools.bounds(),
            now);
    answered.put(key, now.toEpochMilli());
    switch (decision) {
      case Decision.Granted granted -> {
        supersede(running, granted, request, now);
        Lease lease = DecisionEvents.lease(request, granted);
        decisionWithLease(DecisionEvents.granted(request, granted, now), lease, trace);
      }
      case Decision.Denied denied ->
          decision(request.machine().scope(), DecisionEvents.denied(request, denied, now), trace);
    }
  }

  private void supersede(
      List<Lease> running, Decision.Granted granted, AccessRequest request, Instant now) {
    Set<String> superseded = new HashSet<>();
    granted.superseded().forEach(g -> superseded.add(g.toString()));
    running.stream()
        .filter(l -> superseded.contains(l.getGrantId()))
        .forEach(
            l -> end(l, EndReason.NEWER_REQUEST_INITIATED, request.requestor().subject(), now));
  }

  private void revoke(RevocationVetted r) {
    Optional<Lease> lease = lease(r.getMachineId(), r.getGrantId());
    if (lease.isEmpty() || lease.get().getState() == LeaseState.ENDED) {
      return;
    }
    Requestor who = Convert.toModel(r.getRequestor());
    boolean own = DecisionEvents.toRunning(lease.get()).owner().equals(RunningGrant.Owner.of(who));
    boolean admin = who.groups().stream().anyMatch(tools.adminGroups()::contains);
    if (!own && !admin) {
      LOGGER
          .atWarn()
          .addKeyValue("grantId", r.getGrantId())
          .addKeyValue("subject", who.subject())
          .log("revocation ignored: neither the requestor nor an admin");
      return;
    }
    end(
        lease.get(),
        own ? EndReason.USER_REQUESTED : EndReason.ADMIN_REVOKED,
        who.subject(),
        tools.clock().instant());
  }

  private void end(Lease lease, EndReason reason, @Nullable String by, Instant now) {
    Lease ended = DecisionEvents.ended(lease, reason);
    decisionWithLease(DecisionEvents.revoked(lease, reason, by, now), ended, Optional.empty());
  }

  private void happened(SpecificRecord event) {
    switch (event) {
      case AccessExpired e ->
          lease(e.getMachineId(), e.getGrantId())
              .filter(l -> l.getState() == LeaseState.ACTIVE)
              .ifPresent(l -> put(DecisionEvents.ended(l, EndReason.EXPIRED)));
      case AccessClosed c ->
          lease(c.getMachineId(), c.getGrantId())
              .filter(l -> !l.getClosed())
              .ifPresent(l -> put(DecisionEvents.closed(l)));
      default -> {
        // Other enforcement events change no lease.
      }
    }
  }

  private void revokeWhatNoPolicyCovers() {
    if (!tools.policies().isCaughtUp() || !tools.machines().isCaughtUp()) {
      return;
    }
    List<Lease> orphans = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = leases.all()) {
      while (all.hasNext()) {
        Lease lease = decode(all.next().value);
        if (lease.getState() == LeaseState.ACTIVE && !isCovered(lease)) {
          orphans.add(lease);
        }
      }
    }
    Instant now = tools.clock().instant();
    orphans.forEach(l -> end(l, EndReason.POLICY_REMOVED, null, now));
    if (!orphans.isEmpty()) {
      context.commit();
    }
  }

  private boolean isCovered(Lease lease) {
    MachineId machine = new MachineId(lease.getMachineId());
    MachineFacts facts =
        tools.machines().get(machine.value()).orElseGet(() -> MachineFacts.unseen(machine));
    return tools
        .policies()
        .get(lease.getPolicyId())
        .map(Convert::toModel)
        .filter(p -> PolicyChanges.stillCovers(p, facts, Convert.toPorts(lease.getPorts())))
        .isPresent();
  }

  private List<Policy> policies() {
    return tools.policies().all().stream().map(Convert::toModel).toList();
  }

  private List<Lease> running(MachineId machine) {
    List<Lease> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> it =
        leases.prefixScan(machine.value() + "|", new StringSerializer())) {
      it.forEachRemaining(
          e -> {
            Lease lease = decode(e.value);
            if (lease.getState() == LeaseState.ACTIVE) {
              found.add(lease);
            }
          });
    }
    return found;
  }

  private Optional<Lease> lease(String machine, String grant) {
    return Optional.ofNullable(leases.get(new MachineId(machine) + "|" + grant)).map(this::decode);
  }

  private Lease decode(byte[] value) {
    try {
      return (Lease) tools.framing().decode(value);
    } catch (PoisonException e) {
      throw new IllegalStateException("our own state cannot be read", e);
    }
  }

  private void decisionWithLease(SpecificRecord event, Lease lease, Optional<String> trace) {
    decision(new Scope(lease.getScope()), event, trace);
    put(lease);
  }

  /** Keeps the lease, or lets it go when it has ended and its port is closed. */
  private void put(Lease lease) {
    Scope scope = new Scope(lease.getScope());
    String stored = lease.getMachineId() + "|" + lease.getGrantId();
    String key = lease.getScope() + "/" + lease.getGrantId();
    if (lease.getState() == LeaseState.ENDED && lease.getClosed()) {
      leases.delete(stored);
      forward(tools.codec().tombstone(Topics.LEASES, scope, tools.partitions(), key), LEASES_SINK);
      return;
    }
    leases.put(stored, tools.framing().encode(Topics.LEASES.name(), lease));
    forward(
        tools
            .codec()
            .encode(Topics.LEASES, scope, tools.partitions(), key, lease, Optional.empty()),
        LEASES_SINK);
  }

  private void decision(Scope scope, SpecificRecord event, Optional<String> trace) {
    forward(
        tools
            .codec()
            .encode(Topics.DECISIONS, scope, tools.partitions(), scope.value(), event, trace),
        DECISIONS_SINK);
  }

  private void deadLetter(Topic topic, Record<byte[], byte[]> record, PoisonException why) {
    var metadata = context.recordMetadata().orElseThrow();
    LOGGER
        .atWarn()
        .addKeyValue("topic", metadata.topic())
        .addKeyValue("partition", metadata.partition())
        .addKeyValue("offset", metadata.offset())
        .addKeyValue("reason", why.reason())
        .log("record dead-lettered: {}", why.getMessage());
    ConsumerRecord<byte[], byte[]> original =
        new ConsumerRecord<>(
            metadata.topic(),
            metadata.partition(),
            metadata.offset(),
            record.key(),
            record.value());
    record.headers().forEach(original.headers()::add);
    forward(tools.codec().deadLetter(topic, original, why), DEAD_LETTERS_SINK);
  }

  private void forward(ProducerRecord<byte[], byte[]> out, String sink) {
    context.forward(
        new Record<>(out.key(), out.value(), context.currentSystemTimeMs(), out.headers()), sink);
  }
}
