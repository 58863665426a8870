package io.postern.policy.kafka;

import io.opentelemetry.api.trace.SpanKind;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.ApprovalVetted;
import io.postern.event.ExtensionRequested;
import io.postern.event.ExtensionVetted;
import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.event.RequestVetted;
import io.postern.event.ReviewGiven;
import io.postern.event.ReviewVetted;
import io.postern.event.RevocationRequested;
import io.postern.event.RevocationVetted;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.log.TrustStore;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.LookupNeeds;
import io.postern.policy.domain.Lookups;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Establishes who speaks in a record of {@code jit.requests} or of a producer's own topic, and
 * splits a request into one record per machine, with what was looked up outside for it. Doing it
 * twice may find something else; the decision takes the first.
 */
final class Vetting {
  /** Longest time from signing a record to its arrival on the log, and the leeway of clocks. */
  static final Duration OLDEST_SIGNATURE = Duration.ofMinutes(5);

  /** Most machines in one request. */
  static final int MOST_MACHINES = 100;

  private final EventCodec outside;
  private final EventCodec internal;
  private final Producers producers;
  private final int partitions;
  private final Clock clock;
  private final Supplier<Collection<Policy>> policies;
  private final Function<MachineId, MachineFacts> machines;
  private final Lookups lookups;
  private final Executor threads = Thread::startVirtualThread;

  /**
   * @param outside reads what producers signed
   * @param internal writes what only policy-service reads
   * @param policies those in force
   * @param machines what is known of a machine
   */
  Vetting(
      EventCodec outside,
      EventCodec internal,
      Producers producers,
      Supplier<Collection<Policy>> policies,
      Function<MachineId, MachineFacts> machines,
      Lookups lookups,
      int partitions,
      Clock clock) {
    this.policies = policies;
    this.machines = machines;
    this.lookups = lookups;
    this.outside = outside;
    this.internal = internal;
    this.producers = producers;
    this.partitions = partitions;
    this.clock = clock;
  }

  /**
   * The vetted records that a record yields, at once where nobody outside is to be asked.
   *
   * @throws PoisonException when nobody may be believed to have said this, or it makes no sense
   */
  CompletableFuture<List<ProducerRecord<byte[], byte[]>>> vet(ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    EventCodec.Received received = outside.read(Topics.byName(record.topic()), record);
    Instant arrivedAt = Instant.ofEpochMilli(record.timestamp());
    checkAge(received.signature(), arrivedAt);
    Trace trace =
        Trace.begin(Topics.POLICY_SERVICE, "vet", SpanKind.CONSUMER, Trace.of(record.headers()))
            .with("postern.event", received.event().getSchema().getName());
    try {
      CompletableFuture<List<ProducerRecord<byte[], byte[]>>> vetted =
          received.event() instanceof RequestSubmitted r
              ? request(
                  r,
                  received.signature().owner(),
                  arrivedAt,
                  trace.with("postern.request.id", r.getRequestId()).context())
              : CompletableFuture.completedFuture(wish(received, trace.context()));
      return vetted.whenComplete((v, e) -> ended(trace, e));
    } catch (PoisonException e) {
      ended(trace, e);
      throw e;
    } catch (InvalidValueException e) {
      ended(trace, e);
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage()));
    }
  }

  private static void ended(Trace trace, @Nullable Throwable why) {
    if (why != null) {
      trace.failed(why.getMessage());
    }
    trace.close();
  }

  private List<ProducerRecord<byte[], byte[]>> wish(
      EventCodec.Received received, Optional<String> trace) throws PoisonException {
    return switch (received.event()) {
      case RevocationRequested r -> List.of(revocation(r, received.signature().owner(), trace));
      case ExtensionRequested e -> List.of(extension(e, received.signature().owner(), trace));
      case ReviewGiven v -> List.of(review(v, received.signature().owner(), trace));
      case ApprovalGiven a -> vote(Vote.of(a), received.signature().owner(), trace);
      case ApprovalRefused a -> vote(Vote.of(a), received.signature().owner(), trace);
      default ->
          throw new PoisonException(
              PoisonException.Cause.UNEXPECTED_TYPE,
              received.event().getSchema().getName() + " is not supported by this version");
    };
  }

  private static void checkAge(TrustStore.Signed signature, Instant arrivedAt)
      throws PoisonException {
    Duration age = Duration.between(signature.signedAt(), arrivedAt).abs();
    if (age.compareTo(OLDEST_SIGNATURE) > 0) {
      throw new PoisonException(
          PoisonException.Cause.TOO_OLD,
          "signed at %s, on the log at %s: more than %s apart"
              .formatted(signature.signedAt(), arrivedAt, OLDEST_SIGNATURE));
    }
  }

  private void checkSpeaker(String producer, Requestor person) throws PoisonException {
    Optional<String> refusal = producers.refusal(producer, person);
    if (refusal.isPresent()) {
      throw new PoisonException(PoisonException.Cause.NOT_ALLOWED_TO_SPEAK, refusal.get());
    }
  }

  private CompletableFuture<List<ProducerRecord<byte[], byte[]>>> request(
      RequestSubmitted r, String producer, Instant arrivedAt, Optional<String> trace)
      throws PoisonException {
    checkSpeaker(producer, Convert.toModel(r.getRequestor()));
    RequestId.parse(r.getRequestId());
    Convert.toPorts(r.getPorts());
    List<String> sources = Convert.fromCidrs(Convert.toCidrs(r.getSources()));
    Set<MachineId> named = machines(r.getMachines());
    if (r.getPorts().isEmpty() || sources.isEmpty() || r.getDurationMillis() <= 0) {
      throw new InvalidValueException(
          "must name a port, a source and a duration longer than zero", r.getRequestId());
    }
    if (r.getAllOrNothing() && r.getBreakGlass()) {
      throw new InvalidValueException(
          "must not be all or nothing and break-glass: it waits", r.getRequestId());
    }
    List<String> together =
        r.getAllOrNothing() && named.size() > 1
            ? named.stream().map(MachineId::value).toList()
            : List.of();
    String digest = Digest.of(r);
    Part part = new Part(r, producer, sources, together, digest, arrivedAt, trace);
    Collection<Policy> inForce = policies.get();
    List<CompletableFuture<ProducerRecord<byte[], byte[]>>> parts =
        named.stream()
            .map(
                m -> {
                  LookupNeeds needs = needs(r, m, inForce);
                  return needs.isEmpty()
                      ? CompletableFuture.completedFuture(vetted(part, m, List.of()))
                      : CompletableFuture.supplyAsync(() -> lookedUp(part, m, needs), threads);
                })
            .toList();
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(all -> parts.stream().map(CompletableFuture::join).toList());
  }

  private LookupNeeds needs(RequestSubmitted r, MachineId machine, Collection<Policy> inForce) {
    return LookupNeeds.of(
        inForce,
        machines.apply(machine),
        Optional.ofNullable(r.getJustification()),
        r.getBreakGlass());
  }

  /** What the vetted records of a request have in common. */
  private record Part(
      RequestSubmitted request,
      String producer,
      List<String> sources,
      List<String> together,
      String digest,
      Instant arrivedAt,
      Optional<String> trace) {}

  private ProducerRecord<byte[], byte[]> lookedUp(Part part, MachineId m, LookupNeeds needs) {
    return vetted(
        part,
        m,
        needs.find(lookups, Convert.toModel(part.request().getRequestor()), machines.apply(m)));
  }

  private ProducerRecord<byte[], byte[]> vetted(Part part, MachineId m, List<Finding> findings) {
    RequestSubmitted r = part.request();
    return internal.encode(
        Topics.VETTED,
        m.scope(),
        partitions,
        m.value(),
        new RequestVetted(
            Ids.derived("vetted", r.getRequestId(), m.value()).toString(),
            clock.instant(),
            r.getRequestId(),
            m.value(),
            r.getRequestor(),
            r.getPorts(),
            part.sources(),
            r.getDurationMillis(),
            r.getJustification(),
            part.arrivedAt(),
            part.producer(),
            part.digest(),
            r.getStartAt(),
            r.getBreakGlass(),
            FindingEvents.toEvents(findings),
            part.together()),
        part.trace());
  }

  private ProducerRecord<byte[], byte[]> extension(
      ExtensionRequested e, String producer, Optional<String> trace) throws PoisonException {
    checkSpeaker(producer, Convert.toModel(e.getRequestor()));
    MachineId machine = new MachineId(e.getMachineId());
    GrantId grant = GrantId.parse(e.getGrantId());
    if (e.getDurationMillis() <= 0) {
      throw new InvalidValueException(
          "durationMillis must be more than zero", Long.toString(e.getDurationMillis()));
    }
    return internal.encode(
        Topics.VETTED,
        machine.scope(),
        partitions,
        machine.value(),
        new ExtensionVetted(
            Ids.derived("extension-vetted", e.getEventId()).toString(),
            clock.instant(),
            e.getEventId(),
            e.getRequestor(),
            grant.toString(),
            machine.value(),
            e.getDurationMillis(),
            producer,
            e.getJustification()),
        trace);
  }

  private ProducerRecord<byte[], byte[]> review(
      ReviewGiven v, String producer, Optional<String> trace) throws PoisonException {
    checkSpeaker(producer, Convert.toModel(v.getReviewer()));
    MachineId machine = new MachineId(v.getMachineId());
    return internal.encode(
        Topics.VETTED,
        machine.scope(),
        partitions,
        machine.value(),
        new ReviewVetted(
            Ids.derived("review-vetted", v.getEventId()).toString(),
            clock.instant(),
            v.getEventId(),
            GrantId.parse(v.getGrantId()).toString(),
            machine.value(),
            v.getReviewer(),
            producer,
            v.getComment()),
        trace);
  }

  private static Set<MachineId> machines(List<String> named) {
    Set<MachineId> machines = new LinkedHashSet<>();
    named.forEach(m -> machines.add(new MachineId(m)));
    if (machines.isEmpty() || machines.size() > MOST_MACHINES) {
      throw new InvalidValueException(
          "must name 1 to " + MOST_MACHINES + " machines", Integer.toString(machines.size()));
    }
    return machines;
  }

  private List<ProducerRecord<byte[], byte[]>> vote(
      Vote vote, String producer, Optional<String> trace) throws PoisonException {
    checkSpeaker(producer, Convert.toModel(vote.approver()));
    String request = RequestId.parse(vote.requestId()).toString();
    return machines(vote.machines()).stream()
        .map(
            m ->
                internal.encode(
                    Topics.VETTED,
                    m.scope(),
                    partitions,
                    m.value(),
                    new ApprovalVetted(
                        Ids.derived("approval-vetted", vote.eventId(), m.value()).toString(),
                        clock.instant(),
                        vote.eventId(),
                        request,
                        m.value(),
                        vote.digest(),
                        vote.approver(),
                        vote.approves(),
                        producer,
                        vote.reason()),
                    trace))
        .toList();
  }

  /** What ApprovalGiven and ApprovalRefused have in common. */
  private record Vote(
      String eventId,
      String requestId,
      String digest,
      Person approver,
      List<String> machines,
      boolean approves,
      @Nullable String reason) {
    static Vote of(ApprovalGiven a) {
      return new Vote(
          a.getEventId(),
          a.getRequestId(),
          a.getRequestDigest(),
          a.getApprover(),
          a.getMachineIds(),
          true,
          a.getReason());
    }

    static Vote of(ApprovalRefused a) {
      return new Vote(
          a.getEventId(),
          a.getRequestId(),
          a.getRequestDigest(),
          a.getApprover(),
          a.getMachineIds(),
          false,
          a.getReason());
    }
  }

  private ProducerRecord<byte[], byte[]> revocation(
      RevocationRequested r, String producer, Optional<String> trace) throws PoisonException {
    checkSpeaker(producer, Convert.toModel(r.getRequestor()));
    MachineId machine = new MachineId(r.getMachineId());
    GrantId grant = GrantId.parse(r.getGrantId());
    return internal.encode(
        Topics.VETTED,
        machine.scope(),
        partitions,
        machine.value(),
        new RevocationVetted(
            Ids.derived("revocation-vetted", r.getEventId()).toString(),
            clock.instant(),
            r.getRequestor(),
            grant.toString(),
            machine.value(),
            producer,
            r.getReason()),
        trace);
  }
}
