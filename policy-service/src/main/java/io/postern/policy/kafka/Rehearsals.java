package io.postern.policy.kafka;

import io.postern.event.JitPolicy;
import io.postern.event.PlanRequested;
import io.postern.event.PolicyPut;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.StateTable;
import io.postern.log.Topics;
import io.postern.model.Ids;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.Scope;
import io.postern.policy.domain.PolicyChanges;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Passes a policy that was put as a rehearsal on to the enforcers that can answer. */
record Rehearsals(
    EventCodec codec, StateTable<MachineFacts> machines, int partitions, Clock clock) {

  /** One record for each scope concerned. */
  List<ProducerRecord<byte[], byte[]>> of(
      PolicyPut put, Policy policy, Optional<JitPolicy> current) {
    return PolicyChanges.scopesConcerned(policy, current.map(Convert::toModel), machines.all())
        .stream()
        .map(
            s ->
                codec.encode(
                    Topics.DECISIONS, s, partitions, s.value(), event(put, s), Optional.empty()))
        .toList();
  }

  private PlanRequested event(PolicyPut put, Scope scope) {
    return new PlanRequested(
        Ids.derived("plan-requested", put.getEventId(), scope.value()).toString(),
        clock.instant(),
        put.getPolicyId(),
        put.getEventId(),
        scope.value(),
        put.getDocument());
  }
}
