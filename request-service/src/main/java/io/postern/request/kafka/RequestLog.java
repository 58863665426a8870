package io.postern.request.kafka;

import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.ExtensionRequested;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.event.RevocationRequested;
import io.postern.log.Convert;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.StateTable;
import io.postern.log.Topic;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.request.domain.Fact;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.Owner;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModelWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** request-service on the log: sends what people ask for, and follows what becomes of it. */
public final class RequestLog implements AutoCloseable {
  /** How long a send may take before the caller is told that it did not work. */
  static final Duration SEND_LIMIT = Duration.ofSeconds(5);

  // No person notices it; what comes of a request, up to its open port, is mostly one transaction.
  private static final Duration TOGETHER = Duration.ofMillis(20);
  private static final String SEND_MILLIS = Long.toString(SEND_LIMIT.toMillis());

  private final EventCodec codec;
  private final Clock clock;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ReadModel model;
  private final ReadModelWriter writer;
  private final LogTail tail;
  private final StateTable<JitPolicy> policies;
  private final StateTable<MachineAssessed> machines;

  /**
   * @param model what people ask
   * @param writer the same store, where the log is folded in
   */
  public RequestLog(LogConnection log, ReadModel model, ReadModelWriter writer, Clock clock) {
    this.model = model;
    this.writer = writer;
    this.codec = log.codec(Topics.REQUEST_SERVICE, clock);
    this.clock = clock;
    KafkaSettings kafka = log.settings();
    Map<String, Object> bounded = new HashMap<>(kafka.producer(Topics.REQUEST_SERVICE));
    bounded.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, SEND_MILLIS);
    bounded.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, SEND_MILLIS);
    bounded.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, SEND_MILLIS);
    this.producer = new KafkaProducer<>(bounded);
    DeadLetters deadLetters = new DeadLetters(codec, producer);
    this.tail =
        new LogTail(
                "request-service-read-model",
                kafka,
                Projection.topics(log.requestTopics()),
                new Projection(
                    codec, deadLetters, writer, () -> TopicAdmin.clusterId(kafka), clock))
            .gathering(TOGETHER);
    this.policies =
        new StateTable<>(
            "request-service-policies",
            kafka,
            Topics.POLICIES,
            codec,
            deadLetters,
            e -> (JitPolicy) e);
    this.machines =
        new StateTable<>(
            "request-service-machines",
            kafka,
            Topics.MACHINES,
            codec,
            deadLetters,
            e -> (MachineAssessed) e);
  }

  public void start() {
    tail.start();
    policies.start();
    machines.start();
  }

  public boolean isReady() {
    return tail.isCaughtUp() && policies.isCaughtUp() && machines.isCaughtUp();
  }

  public ReadModel model() {
    return model;
  }

  public StateTable<JitPolicy> policies() {
    return policies;
  }

  public StateTable<MachineAssessed> machines() {
    return machines;
  }

  /**
   * Puts a request on the log; returns once it is there and the model knows of it.
   *
   * @throws UnavailableException when it is not there in time
   */
  public void submit(
      RequestId id,
      Requestor requestor,
      List<MachineId> machineIds,
      List<PortSpec> ports,
      List<Cidr> sources,
      Optional<Instant> startAt,
      Duration duration,
      Optional<String> justification,
      boolean breakGlass,
      boolean allOrNothing) {
    RequestSubmitted event =
        new RequestSubmitted(
            Ids.derived("submitted", id.toString()).toString(),
            clock.instant(),
            id.toString(),
            Convert.toEvent(requestor),
            machineIds.stream().map(MachineId::value).toList(),
            Convert.fromPorts(ports),
            Convert.fromCidrs(sources),
            duration.toMillis(),
            justification.orElse(null),
            startAt.orElse(null),
            breakGlass,
            allOrNothing);
    RecordMetadata there = send(Topics.REQUESTS, id.toString(), event);
    // Whoever asks here for what he was just told is accepted finds it, read back or not.
    writer.accepted(
        new Fact.Submitted(
            id,
            Owner.of(requestor),
            machineIds,
            justification,
            Instant.ofEpochMilli(there.timestamp())));
  }

  /** Asks for a grant's early end, or takes back a request for a machine that is not decided. */
  public void revoke(RequestId request, MachineId machine, Requestor by, Optional<String> reason) {
    GrantId grant = GrantId.of(request, machine);
    RevocationRequested event =
        new RevocationRequested(
            Ids.derived("revocation", grant.toString(), by.issuer(), by.subject()).toString(),
            clock.instant(),
            Convert.toEvent(by),
            grant.toString(),
            machine.value(),
            reason.orElse(null));
    send(Topics.REQUESTS, request.toString(), event);
  }

  /** Says that a use of break-glass was looked into. */
  public void review(GrantView grant, Requestor by, Optional<String> comment) {
    ReviewGiven event =
        new ReviewGiven(
            UUID.randomUUID().toString(),
            clock.instant(),
            grant.id().toString(),
            grant.machine().value(),
            Convert.toEvent(by),
            comment.orElse(null));
    send(Topics.REQUESTS, grant.request().toString(), event);
  }

  /** Asks for a grant's later end. */
  public void extend(GrantView grant, Requestor by, Duration duration, Optional<String> why) {
    ExtensionRequested event =
        new ExtensionRequested(
            UUID.randomUUID().toString(),
            clock.instant(),
            Convert.toEvent(by),
            grant.id().toString(),
            grant.machine().value(),
            duration.toMillis(),
            why.orElse(null));
    send(Topics.REQUESTS, grant.request().toString(), event);
  }

  /**
   * Says yes or no to a request for machines that all have the same digest.
   *
   * @param digest of what was shown to the approver
   */
  public void vote(
      RequestId request,
      String digest,
      List<MachineId> machineIds,
      Requestor by,
      boolean approves,
      Optional<String> reason) {
    String eventId = UUID.randomUUID().toString();
    List<String> meant = machineIds.stream().map(MachineId::value).toList();
    SpecificRecord event =
        approves
            ? new ApprovalGiven(
                eventId,
                clock.instant(),
                request.toString(),
                digest,
                Convert.toEvent(by),
                reason.orElse(null),
                meant)
            : new ApprovalRefused(
                eventId,
                clock.instant(),
                request.toString(),
                digest,
                Convert.toEvent(by),
                reason.orElse(null),
                meant);
    send(Topics.REQUESTS, request.toString(), event);
  }

  /**
   * Asks for a policy to be put.
   *
   * @param rehearsal whether only what it would write is asked for
   * @return the id of the change, which the policy in force will carry
   */
  public String put(
      Policy policy, Requestor by, Optional<Long> expectedVersion, boolean rehearsal) {
    String changeId = UUID.randomUUID().toString();
    PolicyPut event =
        new PolicyPut(
            changeId,
            clock.instant(),
            policy.id().value(),
            Convert.toEvent(by),
            Convert.toEvent(policy),
            expectedVersion.orElse(null),
            rehearsal);
    send(Topics.POLICY_CHANGES, policy.id().value(), event);
    return changeId;
  }

  /** Asks for a policy to be removed. */
  public void delete(PolicyId id, Requestor by, Optional<Long> expectedVersion) {
    PolicyDeleted event =
        new PolicyDeleted(
            UUID.randomUUID().toString(),
            clock.instant(),
            id.value(),
            Convert.toEvent(by),
            expectedVersion.orElse(null));
    send(Topics.POLICY_CHANGES, id.value(), event);
  }

  private RecordMetadata send(Topic topic, String key, SpecificRecord event) {
    try (Trace trace = Trace.publish(Topics.REQUEST_SERVICE, event, Trace.here())) {
      return producer
          .send(codec.encode(topic, key, event, trace.with("postern.key", key).context()))
          .get(SEND_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new UnavailableException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(e);
    }
  }

  @Override
  public void close() {
    tail.close();
    policies.close();
    machines.close();
    producer.close(Duration.ofSeconds(5));
  }
}
