package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.postern.model.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchSignatureTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String TOPIC = "topic";

  private ECKey key;
  private TrustStore trust;

  @BeforeEach
  void trustOneKey() throws Exception {
    key = new ECKeyGenerator(Curve.P_256).keyID("bot/1").generate();
    trust = new TrustStore(List.of(key.toPublicJWK()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> signed(int count) {
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      contents.add(Signer.content(TOPIC, bytes("k" + i), bytes("v" + i)));
    }
    return Signer.of(key).signBatch(contents, NOW);
  }

  @Test
  void everyRecordOfEverySizeOfBatchVerifiesByItself() throws Exception {
    for (int count : List.of(1, 2, 3, 4, 5, 7, 8, 9, 33, 100)) {
      List<String> signatures = signed(count);
      for (int i = count - 1; i >= 0; i--) {
        assertThat(trust.verify(TOPIC, bytes("k" + i), bytes("v" + i), signatures.get(i)))
            .isEqualTo(new TrustStore.Signed("bot", "bot/1", NOW));
      }
    }
  }

  @Test
  void noOtherRecordVerifiesNotEvenAfterTheRootIsKnown() throws Exception {
    List<String> signatures = signed(9);
    trust.verify(TOPIC, bytes("k3"), bytes("v3"), signatures.get(3));
    refused(TOPIC, "k3", "v4", signatures.get(3));
    refused(TOPIC, "k4", "v3", signatures.get(3));
    refused("topic2", "k3", "v3", signatures.get(3));
    refused(TOPIC, "k4", "v4", signatures.get(3));
    refused(TOPIC, "k8", "v8", signatures.get(3));
    refused(TOPIC, "k3", "v3", signatures.get(3).replace("~3~", "~2~"));
    refused(TOPIC, "k3", "v3", signatures.get(3).replace("~9~", "~10~") + "AAAA");
    refused(TOPIC, "k3", "v3", signatures.get(3).replace("~9~", "~99999999~"));
    refused(TOPIC, "k3", "v3", signatures.get(3).replace("~9~", "~x~"));
    refused(TOPIC, "k3", "v3", signatures.get(3) + "~");
    refused(TOPIC, "k3", "v3", "~");
    refused(TOPIC, "k3", "v3", "~~");
    refused(TOPIC, "k3", "v3", "a..b~3~9");
    refused(TOPIC, "k3", "v3", signatures.get(3).substring(0, signatures.get(3).length() - 4));
  }

  @Test
  void neitherKindOfSignaturePassesForTheOther() throws Exception {
    String single = Signer.of(key).sign(TOPIC, bytes("k0"), bytes("v0"), NOW);
    refused(TOPIC, "k0", "v0", single + "~0~1~");
    String batch = signed(1).get(0);
    refused(TOPIC, "k0", "v0", batch.substring(0, batch.indexOf('~')));
  }

  @Test
  void aBatchOfAKeyThatIsNotTrustedIsRefused() throws Exception {
    ECKey other = new ECKeyGenerator(Curve.P_256).keyID("bot/1").generate();
    String forged =
        Signer.of(other)
            .signBatch(List.of(Signer.content(TOPIC, bytes("k0"), bytes("v0"))), NOW)
            .get(0);
    refused(TOPIC, "k0", "v0", forged);
  }

  private void refused(String topic, String k, String v, String signature) {
    assertThatThrownBy(() -> trust.verify(topic, bytes(k), bytes(v), signature))
        .isInstanceOfSatisfying(
            PoisonException.class,
            e -> assertThat(e.reason()).isEqualTo(PoisonException.Cause.BAD_SIGNATURE));
  }

  @Test
  void recordsOfSeveralTopicsShareOneSignatureAndAreVerifiedAlone() throws Exception {
    EventCodec codec =
        new EventCodec(
            "bot",
            new AvroFraming(SchemaRegistry.kept(Map.of()), false),
            Signer.of(key),
            trust,
            Clock.fixed(NOW, ZoneOffset.UTC));
    Scope scope = new Scope("aws:123456789012:eu-west-1");
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Topic topic : List.of(Topics.LEASES, Topics.MACHINES)) {
      records.add(codec.unsignedTombstone(topic, scope, 4, "k"));
    }
    codec.signTogether(records);
    for (ProducerRecord<byte[], byte[]> r : records) {
      String signature = String.valueOf(Headers.text(r.headers(), Headers.SIGNATURE));
      assertThat(trust.verify(r.topic(), r.key(), new byte[0], signature).signedAt())
          .isEqualTo(NOW);
      refused(Topics.DECISIONS.name(), "k", "", signature);
    }
    codec.signTogether(List.of());
  }
}
