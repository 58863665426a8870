package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.log.AvroFraming;
import io.postern.log.SchemaRegistry;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import io.postern.policy.domain.Ledger;
import io.postern.policy.domain.UsageIndex;
import io.postern.policy.domain.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class LedgerStoreTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();

  private <V> void add(String name, Serde<V> values) {
    KeyValueStore<String, V> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), values)
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
  }

  private LedgerStore ledger() {
    add(LedgerStore.LEASES, Serdes.ByteArray());
    add(LedgerStore.PENDING, Serdes.ByteArray());
    add(LedgerStore.UNREVIEWED, Serdes.ByteArray());
    add(LedgerStore.ANSWERED, Serdes.Long());
    add(LedgerStore.HELD, Serdes.ByteArray());
    add(LedgerStore.TOGETHER, Serdes.ByteArray());
    add(LedgerStore.ASKED, Serdes.ByteArray());
    return new LedgerStore(
        new AvroFraming(new SchemaRegistry(List.of("http://127.0.0.1:1"), Optional.empty()), false),
        context,
        new UsageIndex());
  }

  private static GrantId id(int number) {
    return new GrantId(new UUID(0, number));
  }

  @Test
  void forgetsWhatWasAnsweredLongAgoAFewEntriesAtATime() {
    LedgerStore ledger = ledger();
    Wish old = new Wish.Revocation("w", id(1), MACHINE, new Requestor("alice", "i", Set.of()));
    ledger.answered(old, NOW.minus(Duration.ofDays(40)));
    for (int n = 0; n < 5_000; n++) {
      ledger.taken(MACHINE, id(n), NOW.minus(Duration.ofDays(n % 2 == 0 ? 31 : 29)));
    }
    ledger.timedOut(MACHINE, id(5_000), NOW.minus(Duration.ofDays(31)));
    ledger.timedOut(MACHINE, id(5_001), NOW.minus(Duration.ofDays(29)));
    Instant before = NOW.minus(Duration.ofDays(30));
    for (int i = 0; i < 7; i++) {
      ledger.forgetAnswered(before);
    }
    assertThat(ledger.isAnswered(old)).isFalse();
    for (int n = 0; n < 5_000; n++) {
      assertThat(ledger.standing(MACHINE, id(n)))
          .isEqualTo(n % 2 == 0 ? Ledger.Standing.UNKNOWN : Ledger.Standing.TAKEN);
    }
    assertThat(ledger.standing(MACHINE, id(5_000))).isEqualTo(Ledger.Standing.UNKNOWN);
    assertThat(ledger.standing(MACHINE, id(5_001))).isEqualTo(Ledger.Standing.TIMED_OUT);
  }
}
