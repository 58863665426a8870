package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
  private static final byte[] VALUE = "value".getBytes(StandardCharsets.UTF_8);

  private static JWK p256() throws Exception {
    return new ECKeyGenerator(Curve.P_256).keyID("bot/1").generate();
  }

  private static JWK ed25519() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] open = pair.getPublic().getEncoded();
    byte[] secret = pair.getPrivate().getEncoded();
    return new OctetKeyPair.Builder(
            Curve.Ed25519,
            Base64URL.encode(Arrays.copyOfRange(open, open.length - 32, open.length)))
        .d(Base64URL.encode(Arrays.copyOfRange(secret, secret.length - 32, secret.length)))
        .keyID("bot/1")
        .build();
  }

  private static JWK secret() throws Exception {
    return new OctetSequenceKeyGenerator(256).keyID("bot/1").generate();
  }

  @Test
  void holdsForWhatWasSignedAndForNothingElse() throws Exception {
    for (JWK key : List.of(p256(), ed25519(), secret())) {
      String signature = Signer.of(key).sign("topic", KEY, VALUE, NOW);
      JWK trusted = key.toPublicJWK() == null ? key : key.toPublicJWK();
      TrustStore trust = new TrustStore(List.of(trusted));
      TrustStore.Signed signed = trust.verify("topic", KEY, VALUE, signature);
      assertThat(signed).isEqualTo(new TrustStore.Signed("bot", "bot/1", NOW));
      assertRefused(trust, "topic2", KEY, VALUE, signature, PoisonException.Cause.BAD_SIGNATURE);
      assertRefused(trust, "topic", VALUE, VALUE, signature, PoisonException.Cause.BAD_SIGNATURE);
      assertRefused(trust, "topic", KEY, KEY, signature, PoisonException.Cause.BAD_SIGNATURE);
      assertRefused(
          trust,
          "topick",
          "ey".getBytes(StandardCharsets.UTF_8),
          VALUE,
          signature,
          PoisonException.Cause.BAD_SIGNATURE);
      assertRefused(trust, "topic", KEY, VALUE, null, PoisonException.Cause.UNSIGNED);
      assertRefused(trust, "topic", KEY, VALUE, "a.b.c", PoisonException.Cause.BAD_SIGNATURE);
      assertRefused(trust, "topic", KEY, VALUE, "..", PoisonException.Cause.BAD_SIGNATURE);
    }
  }

  @Test
  void aKeyThatIsNotTrustedIsRefused() throws Exception {
    String signature =
        Signer.of(new ECKeyGenerator(Curve.P_256).keyID("other/1").generate())
            .sign("topic", KEY, VALUE, NOW);
    TrustStore trust = new TrustStore(List.of(p256().toPublicJWK()));
    assertRefused(trust, "topic", KEY, VALUE, signature, PoisonException.Cause.UNKNOWN_KEY);
  }

  @Test
  void theHeaderDoesNotChooseTheAlgorithm() throws Exception {
    JWK key = p256();
    TrustStore trust = new TrustStore(List.of(key.toPublicJWK()));
    for (String algorithm : List.of("none", "HS256", "EdDSA")) {
      String header =
          Base64URL.encode("{\"alg\":\"%s\",\"kid\":\"bot/1\",\"iat\":1}".formatted(algorithm))
              .toString();
      assertRefused(
          trust, "topic", KEY, VALUE, header + "..AAAA", PoisonException.Cause.BAD_SIGNATURE);
    }
  }

  @Test
  void anotherKeyUnderATrustedNameIsRefused() throws Exception {
    String signature = Signer.of(p256()).sign("topic", KEY, VALUE, NOW);
    TrustStore trust = new TrustStore(List.of(p256().toPublicJWK()));
    assertRefused(trust, "topic", KEY, VALUE, signature, PoisonException.Cause.BAD_SIGNATURE);
  }

  private static void assertRefused(
      TrustStore trust,
      String topic,
      byte[] key,
      byte[] value,
      @org.jspecify.annotations.Nullable String signature,
      PoisonException.Cause why) {
    assertThatThrownBy(() -> trust.verify(topic, key, value, signature))
        .isInstanceOfSatisfying(PoisonException.class, e -> assertThat(e.reason()).isEqualTo(why));
  }
}
