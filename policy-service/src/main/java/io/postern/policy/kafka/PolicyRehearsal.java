package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRequested;
import io.postern.event.ExtensionRequested;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.RequestSubmitted;
import io.postern.event.WishRefused;
import io.postern.log.AvroFraming;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.KafkaSettings;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.Topic;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.model.FieldError;
import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.domain.Past;
import io.postern.policy.domain.PastRequest;
import io.postern.policy.domain.Rehearsal;
import io.postern.policy.domain.UsageIndex;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Holds a policy that is not put yet against the requests on the log. It reads, writes nothing, and
 * needs no key of the service: requests are believed as their decisions name them.
 */
public final class PolicyRehearsal {
  // An event is told by its header before it is decoded and verified: most are of no concern.
  private static final Set<String> OF_CONCERN =
      Stream.of(
              RequestSubmitted.class,
              ApprovalGiven.class,
              ApprovalRequested.class,
              AccessGranted.class,
              AccessDenied.class,
              AccessRevoked.class,
              AccessExtended.class,
              ExtensionRequested.class,
              WishRefused.class)
          .map(Class::getName)
          .collect(Collectors.toSet());

  /**
   * What was found.
   *
   * @param errors why the policy could not be put; nothing is compared then
   * @param version the version in force of the policy of this name; 0 when there is none
   * @param unreadable records that are no event of ours, or not validly signed
   */
  public record Result(
      List<FieldError> errors, long version, List<Rehearsal.Compared> compared, long unreadable) {}

  private final KafkaSettings kafka;
  private final AvroFraming framing;
  private final TrustStore trust;
  private final OperatorBounds bounds;
  private final PlainSubjects plain;
  private final Duration patience;
  private final Map<String, Policy> policies = new HashMap<>();
  private final Map<String, MachineFacts> machines = new HashMap<>();
  private final PastRequests requests = new PastRequests();
  private final PastGrants grants = new PastGrants();
  private long unreadable;

  /**
   * Reads nothing yet.
   *
   * @param subjectsIssuer as policy-service has it
   * @param patience longest time to read the log in
   */
  public PolicyRehearsal(
      KafkaSettings kafka,
      SchemaRegistry registry,
      TrustStore trust,
      OperatorBounds bounds,
      Optional<String> subjectsIssuer,
      Duration patience) {
    this.kafka = kafka;
    this.framing = new AvroFraming(registry, false);
    this.trust = trust;
    this.bounds = bounds;
    this.plain = new PlainSubjects(subjectsIssuer, false);
    this.patience = patience;
  }

  /**
   * Rehearses; once.
   *
   * @param since how far back requests are looked at
   * @throws IllegalStateException when the log is not read within the patience
   */
  public Result rehearse(Policy policy, Duration back, Instant now) throws InterruptedException {
    Instant since = now.minus(back);
    read("state", List.of(Topics.POLICIES, Topics.MACHINES), Optional.empty());
    List<Topic> past = new ArrayList<>(TopicAdmin.producersOwn(kafka));
    past.add(Topics.REQUESTS);
    read("past", past, Optional.of(back));
    // What was given before and ran on, or lay ahead, and what quotas counted still.
    read(
        "decisions",
        List.of(Topics.DECISIONS),
        Optional.of(back.plus(bounds.longest()).plus(bounds.latestStart()).plus(UsageIndex.HOUR)));
    long version =
        Optional.ofNullable(policies.get(policy.id().value())).map(Policy::version).orElse(0L);
    List<FieldError> errors =
        PolicyChangeStep.errors(policy, policies.values(), machines.values(), bounds);
    return new Result(
        errors,
        version,
        errors.isEmpty()
            ? new Rehearsal(
                    m -> Optional.ofNullable(machines.get(m.value())),
                    policies.values(),
                    bounds,
                    new CelConditions())
                .of(plain.read(policy), past(since))
            : List.of(),
        unreadable);
  }

  private List<Past> past(Instant since) {
    List<PastRequest> again = requests.since(since);
    Set<GrantId> decidedAgain = again.stream().map(PastRequest::grant).collect(Collectors.toSet());
    List<Past> all = new ArrayList<>(again);
    all.addAll(grants.since(since, decidedAgain));
    return all;
  }

  private void read(String what, List<Topic> topics, Optional<Duration> back)
      throws InterruptedException {
    try (LogTail tail =
        new LogTail(
            "policy-rehearsal-" + what,
            kafka,
            topics.stream().map(Topic::name).toList(),
            back,
            this::take)) {
      tail.start().awaitCaughtUp(patience);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topics.byName(record.topic());
    if (topic == Topics.POLICIES || topic == Topics.MACHINES) {
      state(topic, record);
    } else if (OF_CONCERN.contains(String.valueOf(Headers.text(record.headers(), Headers.TYPE)))) {
      try {
        SpecificRecord event = event(topic, record);
        requests.add(event, Instant.ofEpochMilli(record.timestamp()));
        grants.add(event);
      } catch (PoisonException | InvalidValueException e) {
        unreadable++;
      }
    }
  }

  private void state(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    try {
      if (record.value() == null) {
        EventCodec.checkWriter(topic, speaker(topic, record, new byte[0]));
        policies.remove(key);
        machines.remove(key);
        return;
      }
      switch (event(topic, record)) {
        case JitPolicy p -> policies.put(key, PolicyInForce.of(p, plain).policy());
        case MachineAssessed m -> machines.put(key, Convert.toModel(m));
        default -> unreadable++;
      }
    } catch (PoisonException | InvalidValueException e) {
      unreadable++;
    }
  }

  private TrustStore.Signed speaker(
      Topic topic, ConsumerRecord<byte[], byte[]> record, byte[] value) throws PoisonException {
    return trust.speaker(
        topic,
        record.key(),
        value,
        Headers.text(record.headers(), Headers.SIGNATURE),
        Instant.ofEpochMilli(record.timestamp()));
  }

  private SpecificRecord event(Topic topic, ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    if (record.key() == null || record.value() == null) {
      throw new PoisonException(PoisonException.Cause.INVALID_CONTENT, "key or value is missing");
    }
    TrustStore.Signed signed = speaker(topic, record, record.value());
    if (!topic.writer().equals(Topics.ANYONE)) {
      EventCodec.checkWriter(topic, signed);
    }
    SpecificRecord event = framing.decode(record.value());
    if (!topic.events().contains(event.getClass())) {
      throw new PoisonException(
          PoisonException.Cause.UNEXPECTED_TYPE, event.getSchema().getFullName());
    }
    return event;
  }
}
