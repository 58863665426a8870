package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.Lease;
import io.postern.log.AvroFraming;
import io.postern.log.SchemaRegistry;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Ledger;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.UsageIndex;
import io.postern.policy.domain.Wish;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
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

  @BeforeEach
  void addStores() {
    add(LedgerStore.LEASES, Serdes.ByteArray());
    add(LedgerStore.PENDING, Serdes.ByteArray());
    add(LedgerStore.UNREVIEWED, Serdes.ByteArray());
    add(LedgerStore.ANSWERED, Serdes.Long());
    add(LedgerStore.HELD, Serdes.ByteArray());
    add(LedgerStore.TOGETHER, Serdes.ByteArray());
    add(LedgerStore.ASKED, Serdes.ByteArray());
  }

  /** Over the same stores each time, as after a restart. */
  private LedgerStore ledger() {
    return new LedgerStore(
        new AvroFraming(SchemaRegistry.kept(Map.of(1, Lease.getClassSchema())), false),
        context,
        new UsageIndex());
  }

  private static byte[] written(Grant grant) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 0, 0, 0, 1});
    new SpecificDatumWriter<>(Lease.class)
        .write(LeaseEvents.toLease(grant), EncoderFactory.get().directBinaryEncoder(out, null));
    return out.toByteArray();
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

  private static final List<Optional<Duration>> REMINDERS =
      List.of(
          Optional.empty(),
          Optional.of(Duration.ZERO),
          Optional.of(Duration.ofNanos(999_999)),
          Optional.of(Duration.ofNanos(1_999_999)),
          Optional.of(Duration.ofMinutes(5)));

  private static final List<Optional<Grant.End>> ENDS =
      Stream.concat(
              Stream.of(Optional.<Grant.End>empty()),
              Arrays.stream(Grant.End.values()).map(Optional::of))
          .toList();

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static Grant grant(int number, Random random) {
    Optional<Grant.End> end = any(random, ENDS);
    return new Grant(
        id(number),
        new RequestId(new UUID(1, number)),
        MACHINE,
        new Owner("alice" + number % 3, random.nextBoolean() ? "issuer" : ""),
        any(
            random,
            List.of(
                List.of(new PortSpec(new PortRange(22, 22), Protocol.TCP)),
                List.of(
                    new PortSpec(new PortRange(8000, 8080), Protocol.ANY),
                    new PortSpec(new PortRange(53, 53), Protocol.UDP)))),
        any(
            random,
            List.of(
                List.of(Cidr.parse("203.0.113.7")),
                List.of(Cidr.parse("2001:db8::/64"), Cidr.parse("10.0.0.0/8")))),
        Instant.ofEpochSecond(
            random.nextInt(), any(random, List.of(0, 1, 999, 1_000, 999_999_999))),
        Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
        new PolicyId("ssh"),
        random.nextInt(),
        any(random, REMINDERS),
        end,
        end.isEmpty() && random.nextBoolean());
  }

  @Test
  void remembersAGrantAsItIsReadAfterARestart() throws IOException {
    long seed = Long.getLong("postern.seed", System.nanoTime());
    Random random = new Random(seed);
    LedgerStore ledger = ledger();
    List<Grant> grants = new ArrayList<>();
    for (int n = 0; n < 1_000; n++) {
      grants.add(grant(n, random));
      ledger.put(grants.get(n), written(grants.get(n)));
    }
    LedgerStore restarted = ledger();
    for (Grant each : grants) {
      assertThat(ledger.grant(MACHINE, each.id()))
          .as("%s, seed %d", each, seed)
          .isPresent()
          .isEqualTo(restarted.grant(MACHINE, each.id()));
      assertThat(ledger.running(MACHINE, each.owner()))
          .as("seed %d", seed)
          .isEqualTo(restarted.running(MACHINE, each.owner()));
    }
    assertThat(all(ledger)).hasSize(1_000).isEqualTo(all(restarted));
  }

  private static List<Grant> all(LedgerStore ledger) {
    List<Grant> all = new ArrayList<>();
    ledger.forEachGrant(all::add);
    return all;
  }

  @Test
  void forgetsAGrantThatIsOver() throws IOException {
    LedgerStore ledger = ledger();
    Grant grant = grant(1, new Random(1));
    ledger.put(grant, written(grant));
    ledger.put(grant, null);
    for (LedgerStore each : List.of(ledger, ledger())) {
      assertThat(each.grant(MACHINE, grant.id())).isEmpty();
      assertThat(each.running(MACHINE, grant.owner())).isEmpty();
    }
  }
}
