package io.postern.request.kafka;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessExpired;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalRequested;
import io.postern.event.BreakGlassReviewed;
import io.postern.event.BreakGlassUsed;
import io.postern.event.EnforcementFailed;
import io.postern.event.EnforcementOperation;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.Person;
import io.postern.event.PlanComputed;
import io.postern.event.RequestSubmitted;
import io.postern.event.WishRefused;
import io.postern.log.Convert;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.request.domain.ApprovalView;
import io.postern.request.domain.Connect;
import io.postern.request.domain.Denial;
import io.postern.request.domain.Fact;
import io.postern.request.domain.GrantView;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.Owner;
import io.postern.request.domain.PlanView;
import io.postern.request.domain.ReadModelWriter;
import io.postern.request.domain.Refused;
import io.postern.request.domain.Update;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the log into the read model: a poll's records at a time, together with how far that is. */
final class Projection implements LogTail.Handler {
  /** Beside those that requests come on. */
  private static final List<Topic> ANSWERS =
      List.of(Topics.DECISIONS, Topics.EXPIRATIONS, Topics.ENFORCEMENT);

  private final EventCodec codec;
  private final DeadLetters deadLetters;
  private final ReadModelWriter model;
  private final Supplier<String> log;
  private final Clock clock;
  private final List<Update> read = new ArrayList<>();

  /**
   * @param log asked for a name of the log whenever reading begins
   */
  Projection(
      EventCodec codec,
      DeadLetters deadLetters,
      ReadModelWriter model,
      Supplier<String> log,
      Clock clock) {
    this.codec = codec;
    this.deadLetters = deadLetters;
    this.model = model;
    this.log = log;
    this.clock = clock;
  }

  /** The names of what is read: where requests come on, and what answers them. */
  static List<String> topics(List<Topic> requests) {
    return Stream.concat(requests.stream(), ANSWERS.stream()).map(Topic::name).toList();
  }

  private static boolean isDoor(Topic topic) {
    return topic.family().equals(Topics.REQUESTS.name());
  }

  @Override
  public Map<TopicPartition, Long> startAt(Map<TopicPartition, Long> ends) {
    read.clear();
    Map<ReadModelWriter.Place, Long> places = new HashMap<>();
    ends.forEach((p, end) -> places.put(new ReadModelWriter.Place(p.topic(), p.partition()), end));
    Map<TopicPartition, Long> starts = new HashMap<>();
    model
        .prepare(log.get(), places)
        .forEach((p, next) -> starts.put(new TopicPartition(p.topic(), p.partition()), next));
    return starts;
  }

  @Override
  public void onBatchEnd() {
    model.apply(read);
    read.clear();
  }

  @Override
  public void onIdle() {
    model.isAsOf(clock.instant());
  }

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    Instant at = Instant.ofEpochMilli(record.timestamp());
    Optional<SpecificRecord> readable = Optional.empty();
    List<Fact> facts = List.of();
    try {
      // What outsiders say is shown as said; whether it counts is policy-service's decision.
      SpecificRecord event =
          isDoor(topic) ? codec.read(topic, record).event() : codec.readFromWriter(topic, record);
      facts = facts(event, at);
      readable = Optional.of(event);
    } catch (PoisonException e) {
      poison(topic, record, e);
    } catch (InvalidValueException e) {
      poison(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
    read.add(
        new Update(
            record.topic(),
            record.partition(),
            record.offset(),
            at,
            facts,
            readable.map(e -> EventRecord.of(e, at))));
  }

  // policy-service dead-letters what is wrong with requests; once is enough.
  private void poison(Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException e) {
    if (!isDoor(topic)) {
      deadLetters.send(topic, record, e);
    }
  }

  private static List<Fact> facts(SpecificRecord event, Instant at) {
    return switch (event) {
      case RequestSubmitted e ->
          List.of(
              new Fact.Submitted(
                  RequestId.parse(e.getRequestId()),
                  owner(e.getRequestor()),
                  e.getMachines().stream().map(MachineId::new).distinct().toList(),
                  Optional.ofNullable(e.getJustification()),
                  at));
      case AccessGranted e ->
          List.of(
              Fact.granted(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  new GrantView.Given(
                      owner(e.getRequestor()),
                      Convert.toPorts(e.getPorts()),
                      Convert.toCidrs(e.getSources()),
                      e.getGrantedAt(),
                      e.getStartsAt(),
                      e.getExpiresAt(),
                      e.getPolicyId(),
                      List.copyOf(e.getApprovers()))));
      case AccessDenied e -> List.of(denied(e));
      case ApprovalRequested e -> List.of(asked(e));
      case WishRefused e -> refused(e).stream().toList();
      case BreakGlassUsed e ->
          List.of(
              new Fact.BreakGlassUsed(
                  GrantId.parse(e.getGrantId()),
                  e.getPolicyId(),
                  e.getJustification(),
                  e.getOccurredAt()));
      case BreakGlassReviewed e ->
          List.of(
              new Fact.BreakGlassReviewed(
                  GrantId.parse(e.getGrantId()), e.getReviewer().getSubject()));
      case AccessExtended e ->
          List.of(
              Fact.extended(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  e.getExpiresAt()));
      case AccessRevoked e ->
          List.of(
              Fact.revoked(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  new GrantView.Over(e.getRevokedAt(), e.getReason().name())));
      case AccessExpired e ->
          List.of(
              Fact.expired(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  e.getExpiresAt()));
      case AccessOpened e ->
          List.of(
              Fact.opened(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  new GrantView.Opened(
                      e.getOccurredAt(),
                      e.getConnect().stream()
                          .map(
                              c -> new Connect(c.getAddress(), c.getPort(), c.getProtocol().name()))
                          .toList())));
      case AccessClosed e ->
          List.of(
              Fact.closed(
                  RequestId.parse(e.getRequestId()),
                  GrantId.parse(e.getGrantId()),
                  new MachineId(e.getMachineId()),
                  new GrantView.Over(e.getOccurredAt(), e.getReason().name())));
      case EnforcementFailed e -> failed(e).stream().toList();
      case LockdownApplied e ->
          List.of(
              new Fact.LockedDown(
                  new MachineId(e.getMachineId()),
                  new LockdownView(
                      e.getPolicyIds(),
                      Convert.toPorts(e.getPorts()).stream().map(PortSpec::toString).toList(),
                      e.getBypassedBy().stream()
                          .map(
                              b ->
                                  b.getRule() + " in " + b.getRuleSet() + ": " + b.getExplanation())
                          .toList(),
                      "",
                      e.getOccurredAt())));
      case LockdownLifted e -> List.of(new Fact.Lifted(new MachineId(e.getMachineId())));
      case PlanComputed e ->
          List.of(
              new Fact.Planned(
                  e.getChangeId(), new PlanView(new MachineId(e.getMachineId()), e.getSteps())));
      // Wishes show by what comes of them, drift in the record only.
      default -> List.of();
    };
  }

  private static Owner owner(@Nullable Person person) {
    return person == null ? Owner.UNKNOWN : new Owner(person.getSubject(), person.getIssuer());
  }

  private static Fact denied(AccessDenied e) {
    MachineId machine = new MachineId(e.getMachineId());
    return new Fact.Denied(
        RequestId.parse(e.getRequestId()),
        owner(e.getRequestor()),
        machine,
        e.getReasons().stream()
            .map(r -> new Denial(machine, r.getCode(), r.getMessage()))
            .toList());
  }

  private static Fact asked(ApprovalRequested e) {
    Owner owner = owner(e.getRequestor());
    return new Fact.Asked(
        RequestId.parse(e.getRequestId()),
        owner,
        new ApprovalView(
            new MachineId(e.getMachineId()),
            owner.subject(),
            Convert.toPorts(e.getPorts()),
            Convert.toCidrs(e.getSources()),
            Duration.ofMillis(e.getDurationMillis()),
            e.getPolicyId(),
            e.getRequestDigest(),
            e.getLevel(),
            Convert.toLevels(e.getLevels()),
            e.getGiven().stream().map(a -> a.getApprover().getSubject()).toList(),
            e.getTimesOutAt(),
            e.getOccurredAt()));
  }

  private static Optional<Fact> refused(WishRefused e) {
    return Optional.ofNullable(e.getRequestId())
        .map(
            request ->
                new Fact.WishRefused(
                    RequestId.parse(request),
                    e.getEventId(),
                    new Refused(
                        e.getBy().getSubject(),
                        e.getReason().getCode(),
                        e.getReason().getMessage())));
  }

  private static Optional<Fact> failed(EnforcementFailed e) {
    String grant = e.getGrantId();
    String request = e.getRequestId();
    MachineId machine = new MachineId(e.getMachineId());
    String message = e.getCode() + ": " + e.getMessage();
    if (grant != null && request != null && !e.getWillRetry()) {
      return Optional.of(
          Fact.failed(RequestId.parse(request), GrantId.parse(grant), machine, message));
    }
    return e.getOperation() == EnforcementOperation.LOCKDOWN
        ? Optional.of(
            new Fact.LockedDown(
                machine,
                new LockdownView(List.of(), List.of(), List.of(), message, e.getOccurredAt())))
        : Optional.empty();
  }
}
