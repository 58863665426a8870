package io.postern.policy.kafka;

import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Where the decision stands between the topics. */
final class DecisionTopology {
  static final String VETTED_SINK = "to-vetted";
  static final String LEASES_SINK = "to-leases";
  static final String DECISIONS_SINK = "to-decisions";
  static final String DEAD_LETTERS_SINK = "to-dead-letters";

  private DecisionTopology() {}

  static Topology build(DecisionProcessor.Tools tools) {
    Topology topology = new Topology();
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    ByteArraySerializer out = new ByteArraySerializer();
    topology.addSource(
        "from-log",
        in,
        in,
        Topics.VETTED.name(),
        Topics.EXPIRATIONS.name(),
        Topics.ENFORCEMENT.name());
    topology.addProcessor("decision", () -> new DecisionProcessor(tools), "from-log");
    // What is running is kept in memory: each decision looks through a machine's leases, and
    // RocksDB would step over every lease that the machine ever had. What grows is on disk.
    topology.addStateStore(
        store(Stores.inMemoryKeyValueStore(LedgerStore.LEASES), Serdes.ByteArray()), "decision");
    topology.addStateStore(
        store(Stores.inMemoryKeyValueStore(LedgerStore.PENDING), Serdes.ByteArray()), "decision");
    topology.addStateStore(
        store(Stores.inMemoryKeyValueStore(LedgerStore.UNREVIEWED), Serdes.ByteArray()),
        "decision");
    for (String name : List.of(LedgerStore.HELD, LedgerStore.TOGETHER, LedgerStore.ASKED)) {
      topology.addStateStore(
          store(Stores.inMemoryKeyValueStore(name), Serdes.ByteArray()), "decision");
    }
    topology.addStateStore(
        store(Stores.persistentKeyValueStore(LedgerStore.ANSWERED), Serdes.Long()), "decision");
    topology.addSink(DECISIONS_SINK, Topics.DECISIONS.name(), out, out, byScope(), "decision");
    topology.addSink(LEASES_SINK, Topics.LEASES.name(), out, out, byScope(), "decision");
    topology.addSink(VETTED_SINK, Topics.VETTED.name(), out, out, byMachine(), "decision");
    topology.addSink(
        DEAD_LETTERS_SINK,
        (key, value, context) ->
            Topics.byName(String.valueOf(Headers.text(context.headers(), Headers.DLT_TOPIC)))
                .deadLetter(Topics.POLICY_SERVICE),
        out,
        out,
        "decision");
    return topology;
  }

  private static <V> StoreBuilder<KeyValueStore<String, V>> store(
      KeyValueBytesStoreSupplier where, Serde<V> values) {
    return Stores.keyValueStoreBuilder(where, Serdes.String(), values);
  }

  private static StreamPartitioner<byte[], byte[]> byMachine() {
    return (topic, key, value, partitions) ->
        Optional.of(
            Set.of(
                Topics.partition(
                    new MachineId(new String(key, StandardCharsets.UTF_8)).scope(), partitions)));
  }

  // Keys are the scope, or the scope with a grant id behind a slash.
  private static StreamPartitioner<byte[], byte[]> byScope() {
    return (topic, key, value, partitions) -> {
      String text = new String(key, StandardCharsets.UTF_8);
      int slash = text.lastIndexOf('/');
      Scope scope = new Scope(slash < 0 ? text : text.substring(0, slash));
      return Optional.of(Set.of(Topics.partition(scope, partitions)));
    };
  }
}
