package io.postern.policy.kafka;

import io.opentelemetry.api.trace.SpanKind;
import io.postern.event.AccessClosed;
import io.postern.event.AccessExpired;
import io.postern.event.ApprovalRequested;
import io.postern.event.ApprovalVetted;
import io.postern.event.BreakGlassUsed;
import io.postern.event.ExtensionVetted;
import io.postern.event.PartSettled;
import io.postern.event.PartVoted;
import io.postern.event.RequestVetted;
import io.postern.event.ReviewVetted;
import io.postern.event.RevocationVetted;
import io.postern.log.AvroFraming;
import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import io.postern.log.StateTable;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Ballot;
import io.postern.policy.domain.Conditions;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Held;
import io.postern.policy.domain.Lifecycle;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.domain.Outcome;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.Pending;
import io.postern.policy.domain.Setting;
import io.postern.policy.domain.Unreviewed;
import io.postern.policy.domain.UsageIndex;
import io.postern.policy.domain.Wish;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine over requests and leases of the scopes of one partition. Everything that it
 * writes for one record (decision, lease, its own state) is one transaction with having read it.
 */
final class DecisionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger LOGGER = LoggerFactory.getLogger(DecisionProcessor.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  /** For how long a request or a wish is known to have been answered. */
  static final Duration ANSWERED_KEPT = Duration.ofDays(30);

  /** A request that is older is not decided: it may have been answered and forgotten. */
  static final Duration OLDEST_REQUEST = ANSWERED_KEPT.minusDays(1);

  /**
   * What the processor decides with; shared by all tasks.
   *
   * @param unreviewed uses of break-glass that nobody has reviewed, by task
   * @param usage use of policies in all partitions
   * @param changes counts up whenever policies or machines have changed
   */
  record Tools(
      EventCodec codec,
      EventCodec internal,
      AvroFraming framing,
      StateTable<PolicyInForce> policies,
      StateTable<MachineFacts> machines,
      UsageTail usage,
      AtomicLong changes,
      OperatorBounds bounds,
      Conditions conditions,
      Set<String> adminGroups,
      Map<TaskId, Long> unreviewed,
      int partitions,
      Clock clock)
      implements Setting {

    @Override
    public Collection<Policy> currentPolicies() {
      List<Policy> current = new ArrayList<>();
      for (PolicyInForce each : policies.all()) {
        current.add(each.policy());
      }
      return current;
    }

    @Override
    public Optional<MachineFacts> machine(MachineId id) {
      return machines.get(id.value());
    }

    @Override
    public boolean isAdmin(Requestor person) {
      return person.groups().stream().anyMatch(adminGroups::contains);
    }
  }

  private final Tools tools;
  private final Deadlines deadlines = new Deadlines();
  private ProcessorContext<byte[], byte[]> context;
  private PacedCommits commits;
  private Outbox outbox;
  private LedgerStore ledger;
  private Lifecycle lifecycle;
  private long reconsidered = -1;
  private Instant forgotten = Instant.EPOCH;

  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else.
  DecisionProcessor(Tools tools) {
    this.tools = tools;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    this.context = processorContext;
    this.ledger =
        new LedgerStore(
            tools.framing(),
            processorContext,
            tools.usage().elsewhere(processorContext.taskId().partition()));
    this.lifecycle = new Lifecycle(ledger, tools);
    ledger.forEachPending(deadlines::add);
    tools.unreviewed().put(context.taskId(), ledger.countUnreviewed());
    processorContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, t -> tick());
    this.commits = new PacedCommits(processorContext, tools.clock());
    this.outbox = new Outbox(tools.codec(), tools.partitions(), processorContext);
  }

  @Override
  public void close() {
    tools.unreviewed().remove(context.taskId());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    Topic topic = Topics.byName(context.recordMetadata().orElseThrow().topic());
    Instant at = Instant.ofEpochMilli(record.timestamp());
    try (Trace trace =
        topic == Topics.VETTED
            ? Trace.begin(
                Topics.POLICY_SERVICE, "decide", SpanKind.CONSUMER, Trace.of(record.headers()))
            : Trace.none()) {
      if (topic == Topics.VETTED) {
        vetted(
            tools.internal().read(topic, record.key(), record.value(), record.headers(), at),
            trace);
      } else {
        EventCodec.Received received =
            tools.codec().read(topic, record.key(), record.value(), record.headers(), at);
        EventCodec.checkWriter(topic, received.signature());
        happened(received.event(), Trace.of(record.headers()));
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
    outbox.send();
    commits.done(record.timestamp());
  }

  private List<Outcome> ask(RequestVetted r, Instant now) throws PoisonException {
    if (r.getSubmittedAt().isBefore(now.minus(OLDEST_REQUEST))) {
      throw new PoisonException(
          PoisonException.Cause.TOO_OLD,
          "submitted at %s, more than %s ago".formatted(r.getSubmittedAt(), OLDEST_REQUEST));
    }
    return lifecycle.ask(DecisionEvents.toRequest(r), now);
  }

  private void vetted(EventCodec.Received received, Trace trace) throws PoisonException {
    Instant now = tools.clock().instant();
    trace.with("postern.event", received.event().getSchema().getName());
    List<Outcome> outcomes =
        switch (received.event()) {
          case RequestVetted r -> ask(r, now);
          case RevocationVetted r -> lifecycle.wish(DecisionEvents.toWish(r), now);
          case ApprovalVetted a -> lifecycle.wish(DecisionEvents.toWish(a), now);
          case ReviewVetted r -> lifecycle.wish(BreakGlassEvents.toWish(r), now);
          case ExtensionVetted e -> lifecycle.wish(DecisionEvents.toWish(e), now);
          case PartVoted v -> lifecycle.count(TogetherEvents.toBallot(v), now);
          case PartSettled s -> settled(s);
          default -> throw new IllegalStateException(received.event().getSchema().getFullName());
        };
    outcomes.forEach(o -> apply(o, now, trace.context()));
  }

  private List<Outcome> settled(PartSettled s) {
    MachineId machine = new MachineId(s.getMachineId());
    return lifecycle.settled(
        machine,
        GrantId.of(RequestId.parse(s.getRequestId()), machine),
        TogetherEvents.toSettlement(s));
  }

  private void happened(SpecificRecord event, Optional<String> trace) {
    List<Outcome> outcomes =
        switch (event) {
          case AccessExpired e ->
              lifecycle.expired(
                  new MachineId(e.getMachineId()), GrantId.parse(e.getGrantId()), e.getExpiresAt());
          case AccessClosed c ->
              lifecycle.closed(new MachineId(c.getMachineId()), GrantId.parse(c.getGrantId()));
          // Reminders and other enforcement events change no lease.
          default -> List.of();
        };
    outcomes.forEach(o -> apply(o, tools.clock().instant(), trace));
  }

  private void tick() {
    Instant now = tools.clock().instant();
    ledger.forgetAnswered(now.minus(ANSWERED_KEPT));
    List<Outcome> outcomes = new ArrayList<>();
    for (Deadlines.Deadline due : deadlines.takeDue(now)) {
      ledger
          .pending(due.machine(), due.id())
          .ifPresent(p -> outcomes.addAll(lifecycle.timeUp(p, now)));
    }
    outcomes.addAll(dueTogether(now));
    outcomes.forEach(o -> apply(o, now, Optional.empty()));
    ledger.usageHere().forgetUntil(now.minus(UsageIndex.HOUR));
    if (now.isAfter(forgotten.plus(UsageIndex.HOUR))) {
      forgotten = now;
      ledger.together().forgetSettled(now.minus(ANSWERED_KEPT));
    }
    boolean changed = reconsiderWhatStands(now);
    outbox.send();
    if (changed || !outcomes.isEmpty()) {
      context.commit();
    }
  }

  /** Requests whose machines do not all answer in time. */
  private List<Outcome> dueTogether(Instant now) {
    List<Outcome> outcomes = new ArrayList<>();
    Set<RequestId> late = new HashSet<>();
    for (Ballot each : ledger.together().counting()) {
      List<Outcome> due = lifecycle.timeUp(each, now);
      if (!due.isEmpty() && late.add(each.request())) {
        outcomes.addAll(due);
      }
    }
    return outcomes;
  }

  /** Holds what stands against the policies again, once they or the machines have changed. */
  private boolean reconsiderWhatStands(Instant now) {
    long version = tools.changes().get();
    if (version == reconsidered
        || !tools.policies().isCaughtUp()
        || !tools.machines().isCaughtUp()) {
      return false;
    }
    reconsidered = version;
    List<Outcome> outcomes = new ArrayList<>();
    ledger.forEachGrant(g -> outcomes.addAll(lifecycle.reconsider(g)));
    outcomes.forEach(o -> apply(o, now, Optional.empty()));
    List<Pending> waiting = new ArrayList<>();
    ledger.forEachPending(waiting::add);
    for (Pending each : waiting) {
      lifecycle.reconsider(each, now).forEach(o -> apply(o, now, Optional.empty()));
    }
    // What time alone takes from a promise is found when it is to be kept.
    List<Held> promised = new ArrayList<>();
    ledger.together().forEachHeld(promised::add);
    for (Held each : promised) {
      lifecycle.reconsider(each, now).forEach(o -> apply(o, now, Optional.empty()));
    }
    return true;
  }

  private void apply(Outcome outcome, Instant now, Optional<String> trace) {
    switch (outcome) {
      case Outcome.Granted g -> {
        AccessRequest r = g.request();
        ledger.taken(r.machine(), r.grantId(), now);
        asked(g.decision().policy(), r, now);
        outbox.decision(
            r.machine(), DecisionEvents.granted(r, g.decision(), g.approvals(), now), trace);
        put(g.grant(), trace);
      }
      case Outcome.Denied d -> {
        AccessRequest r = d.request();
        if (d.isTimeOut()) {
          ledger.timedOut(r.machine(), r.grantId(), now);
        } else {
          ledger.taken(r.machine(), r.grantId(), now);
        }
        outbox.decision(r.machine(), DecisionEvents.denied(r, d.decision(), now), trace);
      }
      case Outcome.Waits w -> {
        AccessRequest r = w.pending().request();
        ApprovalRequested event = ApprovalEvents.requested(w.pending(), now);
        ledger.taken(r.machine(), r.grantId(), now);
        ledger.put(w.pending(), event);
        asked(w.pending().policy(), r, now);
        deadlines.add(w.pending());
        outbox.decision(r.machine(), event, trace);
      }
      case Outcome.Ended e -> {
        outbox.decision(e.grant().machine(), DecisionEvents.revoked(e.grant(), e.by(), now), trace);
        put(e.grant(), trace);
      }
      case Outcome.Extended e -> {
        outbox.decision(e.grant().machine(), DecisionEvents.extended(e, now), trace);
        put(e.grant(), trace);
      }
      case Outcome.Holds h -> {
        ledger.put(h.held(), now);
        asked(h.held().policy(), h.held().request(), now);
      }
      case Outcome.Withdrawn w -> ledger.together().withdrawn(w.held(), w.by());
      case Outcome.Votes v -> {
        ledger.together().voted(v.ballot());
        tell(v.ballot().home(), TogetherEvents.toEvent(v.ballot()), trace);
      }
      case Outcome.Tallied t -> ledger.together().tallied(t.ballot());
      case Outcome.Settles s -> {
        ledger.together().settled(s.settlement(), s.machines().get(0));
        s.machines().forEach(m -> tell(m, TogetherEvents.toEvent(s.settlement(), m), trace));
      }
      case Outcome.BreakGlassUsed b -> brokenGlass(b.use(), trace);
      case Outcome.Reviewed r -> {
        ledger.reviewed(r.use());
        tools.unreviewed().put(context.taskId(), ledger.countUnreviewed());
        outbox.decision(r.use().machine(), BreakGlassEvents.reviewed(r, now), trace);
      }
      case Outcome.Noted n -> put(n.grant(), trace);
      case Outcome.Refused r -> refused(r, now, trace);
      case Outcome.Answered a -> ledger.answered(a.wish(), now);
    }
  }

  /** Counts the request for the quotas of its policy, if it has some that count requests. */
  private void asked(PolicyId policy, AccessRequest r, Instant now) {
    boolean counts =
        tools
            .policies()
            .get(policy.value())
            .map(p -> p.policy().terms().quotas())
            .filter(
                q ->
                    q.total().requestsPerHour().isPresent()
                        || q.perRequestor().requestsPerHour().isPresent())
            .isPresent();
    if (counts) {
      ledger.usageHere().asked(r.grantId(), policy, Owner.of(r.requestor()), now);
    }
  }

  /** To another partition of the decision, through the log. */
  private void tell(MachineId machine, SpecificRecord event, Optional<String> trace) {
    outbox.forward(
        tools
            .internal()
            .encode(
                Topics.VETTED, machine.scope(), tools.partitions(), machine.value(), event, trace),
        DecisionTopology.VETTED_SINK);
  }

  private void brokenGlass(Unreviewed use, Optional<String> trace) {
    LOGGER
        .atError()
        .addKeyValue("grantId", use.grant())
        .addKeyValue("subject", use.usedBy().subject())
        .addKeyValue("policy", use.policy())
        .log("break-glass was used; somebody else must review it");
    BreakGlassUsed event = BreakGlassEvents.used(use);
    ledger.put(use, event);
    tools.unreviewed().put(context.taskId(), ledger.countUnreviewed());
    outbox.decision(use.machine(), event, trace);
  }

  private void refused(Outcome.Refused refused, Instant now, Optional<String> trace) {
    Wish wish = refused.wish();
    LOGGER
        .atWarn()
        .addKeyValue("grantId", wish.grant())
        .addKeyValue("subject", wish.by().subject())
        .addKeyValue("reason", refused.code())
        .log("wish refused: {}", refused.message());
    outbox.decision(wish.machine(), DecisionEvents.refused(refused, now), trace);
  }

  /** Keeps the lease, or lets it go when the grant is over. */
  private void put(Grant grant, Optional<String> trace) {
    ledger.put(grant, outbox.lease(grant, trace));
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
    outbox.forward(
        tools.codec().deadLetter(topic, original, why), DecisionTopology.DEAD_LETTERS_SINK);
  }
}
