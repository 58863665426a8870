package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.log.EventCodec;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

class LeaseReaderTest {
  private static final long START = Instant.parse("2026-03-01T10:00:00Z").getEpochSecond();

  @Test
  void theLayoutThatIsWalkedByHandIsThatOfTheLeaseAsItIs() {
    assertThat(SchemaNormalization.parsingFingerprint64(Lease.getClassSchema()))
        .isEqualTo(LeaseReader.OURS);
  }

  @Test
  void whatIsWalkedByHandIsWhatTheLeaseSays() throws Exception {
    Platform platform = SharedPlatform.get();
    EventCodec writer = platform.codec(Topics.POLICY_SERVICE);
    LeaseReader reader = new LeaseReader(platform.codec(Topics.EXPIRY_SERVICE));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Lease lease = random(random);
      byte[] value = writer.encode(Topics.LEASES, "key", lease, Optional.empty()).value();
      LeaseReader.Content content = reader.content(value);
      boolean over = lease.getState() == LeaseState.ENDED;
      Instant reminder = lease.getExpiresAt().minusMillis(lease.getReminderMillis());
      boolean reminded = lease.getReminderMillis() > 0 && reminder.isAfter(lease.getStartsAt());
      assertThat(content)
          .as("seed %d", seed)
          .isEqualTo(
              new LeaseReader.Content(
                  lease.getGrantId(),
                  lease.getRequestId(),
                  lease.getMachineId(),
                  lease.getScope(),
                  lease.getRequestor(),
                  lease.getRequestorIssuer(),
                  over ? LeaseReader.NEVER : LeaseReader.micros(lease.getExpiresAt()),
                  over || !reminded ? LeaseReader.NEVER : LeaseReader.micros(reminder)));
      byte[] cut = Arrays.copyOf(value, 5 + random.nextInt(value.length - 5));
      assertThatThrownBy(() -> reader.read(cut)).isInstanceOf(PoisonException.class);
    }
  }

  private static Lease random(Random random) {
    boolean over = random.nextInt(3) == 0;
    Instant start = Instant.ofEpochSecond(START + random.nextInt(1_000));
    return Lease.newBuilder()
        .setGrantId(new UUID(random.nextLong(), random.nextLong()).toString())
        .setRequestId(new UUID(random.nextLong(), random.nextLong()).toString())
        .setMachineId("machine-" + random.nextInt(1_000))
        .setScope("azure:scope-" + random.nextInt(1_000))
        .setRequestor("Jürgen" + random.nextInt(1_000))
        .setRequestorIssuer("https://issuer")
        .setPorts(
            Collections.nCopies(random.nextInt(3), new PortSelection(22, 5_986, Protocol.TCP)))
        .setSources(Collections.nCopies(random.nextInt(3), "203.0.113.7/32"))
        .setStartsAt(start)
        .setExpiresAt(start.plusMillis(1 + random.nextInt(100_000)))
        .setPolicyId("policy")
        .setPolicyVersion(random.nextLong())
        .setState(over ? LeaseState.ENDED : LeaseState.ACTIVE)
        .setEndReason(
            over && random.nextBoolean()
                ? EndReason.values()[random.nextInt(EndReason.values().length)]
                : null)
        .setClosed(random.nextBoolean())
        .setReminderMillis(random.nextBoolean() ? 0 : random.nextInt(120_000))
        .build();
  }
}
