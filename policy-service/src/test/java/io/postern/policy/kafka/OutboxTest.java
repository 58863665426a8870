package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.postern.log.AvroFraming;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.PoisonException;
import io.postern.log.SchemaRegistry;
import io.postern.log.Signer;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.policy.domain.Grant;
import io.postern.policy.domain.Owner;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final int PARTITIONS = 4;

  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private TrustStore trust;
  private Outbox outbox;

  @BeforeEach
  void openOutbox() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("policy-service/1").generate();
    trust = new TrustStore(List.of(key.toPublicJWK()));
    EventCodec codec =
        new EventCodec(
            Topics.POLICY_SERVICE,
            new AvroFraming(SchemaRegistry.kept(Map.of()), false),
            Signer.of(key),
            trust,
            Clock.fixed(NOW, ZoneOffset.UTC));
    context.setCurrentSystemTimeMs(NOW.toEpochMilli());
    outbox = new Outbox(codec, PARTITIONS, context);
  }

  private static Grant over(int number) {
    return new Grant(
        new GrantId(new UUID(0, number)),
        new RequestId(new UUID(1, number)),
        MACHINE,
        new Owner("alice", "issuer"),
        List.of(new PortSpec(new PortRange(22, 22), Protocol.TCP)),
        List.of(Cidr.parse("203.0.113.7")),
        NOW.minusSeconds(3_600),
        NOW,
        new PolicyId("ssh"),
        1,
        Optional.empty(),
        Optional.of(Grant.End.EXPIRED),
        true);
  }

  private void end(int from, int to) {
    for (int n = from; n < to; n++) {
      assertThat(outbox.lease(over(n), Optional.empty())).isNull();
    }
  }

  private String signature(CapturedForward<?, ?> forward) throws PoisonException {
    assertThat(forward.childName()).contains(DecisionTopology.LEASES_SINK);
    Record<?, ?> record = forward.record();
    String signature = String.valueOf(Headers.text(record.headers(), Headers.SIGNATURE));
    TrustStore.Signed signed =
        trust.verify(Topics.LEASES.name(), (byte[]) record.key(), new byte[0], signature);
    assertThat(signed.owner()).isEqualTo(Topics.POLICY_SERVICE);
    return signature;
  }

  private long roots(int from, int to) throws PoisonException {
    var forwarded = context.forwarded().subList(from, to);
    for (var each : forwarded) {
      assertThat(signature(each)).contains("~");
    }
    return forwarded.stream()
        .map(f -> String.valueOf(Headers.text(f.record().headers(), Headers.SIGNATURE)))
        .map(s -> s.substring(0, s.indexOf('~')))
        .distinct()
        .count();
  }

  @Test
  void whatIsSentTogetherBearsOneSignature() throws Exception {
    end(0, 5);
    assertThat(context.forwarded()).isEmpty();
    outbox.send();
    assertThat(context.forwarded()).hasSize(5);
    assertThat(roots(0, 5)).isEqualTo(1);
  }

  @Test
  void aSingleRecordIsSignedByItself() throws Exception {
    end(0, 1);
    outbox.send();
    assertThat(context.forwarded()).hasSize(1);
    assertThat(signature(context.forwarded().get(0))).doesNotContain("~");
  }

  @Test
  void manyAreSignedInPartsAndEachIsSentOnce() throws Exception {
    int count = Outbox.MOST_TOGETHER + 88;
    end(0, count);
    assertThat(context.forwarded()).hasSize(Outbox.MOST_TOGETHER);
    outbox.send();
    outbox.send();
    assertThat(context.forwarded())
        .extracting(f -> new String((byte[]) f.record().key(), StandardCharsets.UTF_8))
        .hasSize(count)
        .doesNotHaveDuplicates();
    assertThat(roots(0, Outbox.MOST_TOGETHER)).isEqualTo(1);
    assertThat(roots(Outbox.MOST_TOGETHER, count)).isEqualTo(1);
  }
}
