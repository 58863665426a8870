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
import io.postern.request.domain.GrantView;
import io.postern.request.domain.LockdownView;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Folds the log into the read model. */
final class Projection implements LogTail.Handler {
  static final List<Topic> TOPICS =
      List.of(Topics.REQUESTS, Topics.DECISIONS, Topics.EXPIRATIONS, Topics.ENFORCEMENT);

  private final EventCodec codec;
  private final DeadLetters deadLetters;
  private final ReadModel model;

  Projection(EventCodec codec, DeadLetters deadLetters, ReadModel model) {
    this.codec = codec;
    this.deadLetters = deadLetters;
    this.model = model;
  }

  @Override
  public void onRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    try {
      // What outsiders say is shown as said; whether it counts is policy-service's decision.
      SpecificRecord event =
          topic == Topics.REQUESTS
              ? codec.read(topic, record).event()
              : codec.readFromWriter(topic, record);
      apply(event, Instant.ofEpochMilli(record.timestamp()));
    } catch (PoisonException e) {
      poison(topic, record, e);
    } catch (InvalidValueException e) {
      poison(
          topic,
          record,
          new PoisonException(
              PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage())));
    }
  }

  // policy-service dead-letters what is wrong with requests; once is enough.
  private void poison(Topic topic, ConsumerRecord<byte[], byte[]> record, PoisonException e) {
    if (topic != Topics.REQUESTS) {
      deadLetters.send(topic, record, e);
    }
  }

  private void apply(SpecificRecord event, Instant at) {
    switch (event) {
      case RequestSubmitted e ->
          model.submitted(
              RequestId.parse(e.getRequestId()),
              e.getRequestor().getSubject(),
              e.getMachines().stream().map(MachineId::new).distinct().toList(),
              Optional.ofNullable(e.getJustification()),
              at);
      case AccessGranted e ->
          model.granted(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              new GrantView.Given(
                  e.getRequestor().getSubject(),
                  Convert.toPorts(e.getPorts()),
                  Convert.toCidrs(e.getSources()),
                  e.getGrantedAt(),
                  e.getStartsAt(),
                  e.getExpiresAt(),
                  e.getPolicyId(),
                  List.copyOf(e.getApprovers())));
      case AccessDenied e -> denied(e);
      case ApprovalRequested e -> asked(e);
      case WishRefused e -> refused(e);
      case BreakGlassUsed e ->
          model.breakGlassUsed(
              GrantId.parse(e.getGrantId()),
              e.getPolicyId(),
              e.getJustification(),
              e.getOccurredAt());
      case BreakGlassReviewed e ->
          model.reviewed(GrantId.parse(e.getGrantId()), e.getReviewer().getSubject());
      case AccessExtended e ->
          model.extended(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              e.getExpiresAt());
      case AccessRevoked e ->
          model.revoked(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              new GrantView.Over(e.getRevokedAt(), e.getReason().name()));
      case AccessExpired e ->
          model.expired(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              e.getExpiresAt());
      case AccessOpened e ->
          model.opened(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              new GrantView.Opened(
                  e.getOccurredAt(),
                  e.getConnect().stream()
                      .map(c -> new Connect(c.getAddress(), c.getPort(), c.getProtocol().name()))
                      .toList()));
      case AccessClosed e ->
          model.closed(
              GrantId.parse(e.getGrantId()),
              RequestId.parse(e.getRequestId()),
              new MachineId(e.getMachineId()),
              new GrantView.Over(e.getOccurredAt(), e.getReason().name()));
      case EnforcementFailed e -> failed(e);
      case LockdownApplied e ->
          model.lockdown(
              new MachineId(e.getMachineId()),
              new LockdownView(
                  e.getPolicyIds(),
                  Convert.toPorts(e.getPorts()).stream().map(PortSpec::toString).toList(),
                  e.getBypassedBy().stream()
                      .map(b -> b.getRule() + " in " + b.getRuleSet() + ": " + b.getExplanation())
                      .toList(),
                  "",
                  e.getOccurredAt()));
      case LockdownLifted e -> model.lifted(new MachineId(e.getMachineId()));
      default -> {
        // Wishes show by what comes of them; drift and plans are not shown by this version.
      }
    }
  }

  private void denied(AccessDenied e) {
    MachineId machine = new MachineId(e.getMachineId());
    model.denied(
        RequestId.parse(e.getRequestId()),
        e.getRequestor().getSubject(),
        machine,
        e.getReasons().stream()
            .map(r -> new Denial(machine, r.getCode(), r.getMessage()))
            .toList());
  }

  private void asked(ApprovalRequested e) {
    Person requestor = e.getRequestor();
    model.asked(
        RequestId.parse(e.getRequestId()),
        new ApprovalView(
            new MachineId(e.getMachineId()),
            requestor == null ? "" : requestor.getSubject(),
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

  private void refused(WishRefused e) {
    String request = e.getRequestId();
    if (request != null) {
      model.refused(
          RequestId.parse(request),
          e.getEventId(),
          new Refused(e.getBy().getSubject(), e.getReason().getCode(), e.getReason().getMessage()));
    }
  }

  private void failed(EnforcementFailed e) {
    String grant = e.getGrantId();
    String request = e.getRequestId();
    MachineId machine = new MachineId(e.getMachineId());
    String message = e.getCode() + ": " + e.getMessage();
    if (grant != null && request != null && !e.getWillRetry()) {
      model.failed(GrantId.parse(grant), RequestId.parse(request), machine, message);
    } else if (e.getOperation() == EnforcementOperation.LOCKDOWN) {
      model.lockdown(
          machine, new LockdownView(List.of(), List.of(), List.of(), message, e.getOccurredAt()));
    }
  }
}
