package io.postern.policy.kafka;

import io.postern.condition.ConditionChecks;
import io.postern.event.JitPolicy;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import io.postern.log.StateTable;
import io.postern.log.Topics;
import io.postern.log.Trace;
import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PolicyChecks;
import io.postern.policy.domain.OperatorBounds;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the commands on {@code jit.policy-changes} into the state on {@code jit.policies}. */
final class PolicyChangeStep implements TopicListener.Step {
  private static final Logger LOGGER = LoggerFactory.getLogger(PolicyChangeStep.class);

  private final EventCodec codec;
  private final StateTable<PolicyInForce> policies;
  private final StateTable<MachineFacts> machines;
  private final Set<String> admins;
  private final OperatorBounds bounds;
  private final Clock clock;
  private final Rehearsals rehearsals;
  // What we wrote and may not have read back yet; an absent policy is an empty optional.
  private final Map<String, Optional<JitPolicy>> written = new HashMap<>();

  /**
   * @param admins producers that may change policies
   */
  PolicyChangeStep(
      EventCodec codec,
      StateTable<PolicyInForce> policies,
      StateTable<MachineFacts> machines,
      Set<String> admins,
      OperatorBounds bounds,
      Rehearsals rehearsals,
      Clock clock) {
    this.codec = codec;
    this.policies = policies;
    this.machines = machines;
    this.admins = Set.copyOf(admins);
    this.bounds = bounds;
    this.rehearsals = rehearsals;
    this.clock = clock;
  }

  @Override
  public List<ProducerRecord<byte[], byte[]>> take(ConsumerRecord<byte[], byte[]> record)
      throws PoisonException {
    EventCodec.Received received = codec.read(Topics.POLICY_CHANGES, record);
    String speaker = received.signature().owner();
    if (!admins.contains(speaker)) {
      throw new PoisonException(
          PoisonException.Cause.NOT_ALLOWED_TO_SPEAK, speaker + " may not change policies");
    }
    try {
      return switch (received.event()) {
        case PolicyPut put -> put(put, Trace.of(record.headers()));
        case PolicyDeleted deleted -> delete(deleted);
        default ->
            throw new PoisonException(
                PoisonException.Cause.UNEXPECTED_TYPE, received.event().getSchema().getName());
      };
    } catch (InvalidValueException e) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, String.valueOf(e.getMessage()));
    }
  }

  private Optional<JitPolicy> current(String id) {
    Optional<JitPolicy> ours = written.get(id);
    return ours == null ? policies.get(id).map(PolicyInForce::event) : ours;
  }

  private List<Policy> inForce() {
    Map<String, Policy> all = new HashMap<>();
    policies.all().forEach(p -> all.put(p.event().getPolicyId(), p.policy()));
    written.forEach(
        (id, p) -> {
          all.remove(id);
          p.ifPresent(ours -> all.put(id, Convert.toModel(ours)));
        });
    return List.copyOf(all.values());
  }

  private List<ProducerRecord<byte[], byte[]>> put(PolicyPut put, Optional<String> trace)
      throws PoisonException {
    Policy policy = Convert.toModel(put.getDocument(), 0);
    List<FieldError> errors = errors(policy, inForce(), machines.all(), bounds);
    if (!policy.id().value().equals(put.getPolicyId()) || !errors.isEmpty()) {
      throw new PoisonException(
          PoisonException.Cause.INVALID_CONTENT, "policy " + put.getPolicyId() + ": " + errors);
    }
    Optional<JitPolicy> current = current(put.getPolicyId());
    if (current.filter(c -> c.getChangeId().equals(put.getEventId())).isPresent()) {
      return List.of();
    }
    long version = current.map(JitPolicy::getVersion).orElse(0L);
    checkVersion(put.getPolicyId(), put.getExpectedVersion(), version);
    if (put.getDryRun()) {
      return rehearsals.of(put, policy, current);
    }
    JitPolicy next =
        new JitPolicy(
            put.getPolicyId(),
            version + 1,
            put.getDocument(),
            put.getEventId(),
            put.getRequestor().getSubject(),
            clock.instant());
    written.put(put.getPolicyId(), Optional.of(next));
    LOGGER
        .atInfo()
        .addKeyValue("policy", put.getPolicyId())
        .addKeyValue("version", version + 1)
        .log("policy put");
    return List.of(codec.encode(Topics.POLICIES, put.getPolicyId(), next, trace));
  }

  /** Why the policy would not be put beside those in force. */
  static List<FieldError> errors(
      Policy policy,
      Collection<Policy> inForce,
      Collection<MachineFacts> machines,
      OperatorBounds bounds) {
    List<FieldError> errors = new ArrayList<>();
    errors.addAll(PolicyChecks.outside(policy, bounds.shortest(), bounds.longest()));
    ConditionChecks.error(policy).ifPresent(errors::add);
    errors.addAll(PolicyChecks.ties(policy, inForce, machines));
    return errors;
  }

  private List<ProducerRecord<byte[], byte[]>> delete(PolicyDeleted deleted)
      throws PoisonException {
    Optional<JitPolicy> current = current(deleted.getPolicyId());
    if (current.isEmpty()) {
      return List.of();
    }
    checkVersion(deleted.getPolicyId(), deleted.getExpectedVersion(), current.get().getVersion());
    written.put(deleted.getPolicyId(), Optional.empty());
    LOGGER.atInfo().addKeyValue("policy", deleted.getPolicyId()).log("policy removed");
    return List.of(codec.tombstone(Topics.POLICIES, deleted.getPolicyId()));
  }

  private static void checkVersion(String id, @Nullable Long expected, long actual)
      throws PoisonException {
    if (expected != null && expected != actual) {
      throw new PoisonException(
          PoisonException.Cause.CONFLICT,
          "policy %s has version %d, not %d".formatted(id, actual, expected));
    }
  }
}
