package io.postern.policy.kafka;

import io.postern.log.EventCodec;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.Scope;
import io.postern.policy.domain.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Decisions and leases on their way to the log. A signature costs more than a record, so what comes
 * of one record that was read bears one for all of it. For the stream's thread.
 */
final class Outbox {
  /** Most records under one signature: each level of the tree over them adds 43 bytes to each. */
  static final int MOST_TOGETHER = 512;

  private final EventCodec codec;
  private final int partitions;
  private final ProcessorContext<byte[], byte[]> context;
  private final List<ProducerRecord<byte[], byte[]>> unsigned = new ArrayList<>();

  Outbox(EventCodec codec, int partitions, ProcessorContext<byte[], byte[]> context) {
    this.codec = codec;
    this.partitions = partitions;
    this.context = context;
  }

  /** What is said about a machine. */
  void decision(MachineId machine, SpecificRecord event, Optional<String> trace) {
    Scope scope = machine.scope();
    add(codec.unsigned(Topics.DECISIONS, scope, partitions, scope.value(), event, trace));
  }

  /**
   * The lease of a grant, or its tombstone when the grant is over.
   *
   * @return the lease as it is on the log, null for a tombstone
   */
  byte @Nullable [] lease(Grant grant, Optional<String> trace) {
    Scope scope = grant.machine().scope();
    String key = scope.value() + "/" + grant.id();
    ProducerRecord<byte[], byte[]> record =
        grant.isOver()
            ? codec.unsignedTombstone(Topics.LEASES, scope, partitions, key)
            : codec.unsigned(
                Topics.LEASES, scope, partitions, key, LeaseEvents.toLease(grant), trace);
    add(record);
    return record.value();
  }

  private void add(ProducerRecord<byte[], byte[]> record) {
    unsigned.add(record);
    if (unsigned.size() == MOST_TOGETHER) {
      send();
    }
  }

  /** Signs and sends what is there; before the transaction may end. */
  void send() {
    if (unsigned.isEmpty()) {
      return;
    }
    codec.signTogether(unsigned);
    for (ProducerRecord<byte[], byte[]> each : unsigned) {
      forward(
          each,
          each.topic().equals(Topics.LEASES.name())
              ? DecisionTopology.LEASES_SINK
              : DecisionTopology.DECISIONS_SINK);
    }
    unsigned.clear();
  }

  /** Sends what is signed already. */
  void forward(ProducerRecord<byte[], byte[]> out, String sink) {
    context.forward(
        new Record<>(out.key(), out.value(), context.currentSystemTimeMs(), out.headers()), sink);
  }
}
