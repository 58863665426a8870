package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  @Test
  void manyThreadsSignOverAChangeOfTheSecond() throws Exception {
    for (JWK key : List.of(p256(), ed25519(), secret())) {
      Signer signer = Signer.of(key);
      TrustStore trust =
          new TrustStore(List.of(key.toPublicJWK() == null ? key : key.toPublicJWK()));
      List<Callable<Void>> writers = new ArrayList<>();
      for (int w = 0; w < 8; w++) {
        int writer = w;
        writers.add(
            () -> {
              for (int i = 0; i < 100; i++) {
                // Each sees the seconds at its own pace, and some see one again.
                Instant now = NOW.plusMillis(100L * (i + writer) - (i % 7 == 0 ? 900 : 0));
                byte[] value = {(byte) writer, (byte) i};
                TrustStore.Signed expected =
                    new TrustStore.Signed(
                        "bot", "bot/1", Instant.ofEpochSecond(now.getEpochSecond()));
                assertThat(trust.verify("topic", KEY, value, signer.sign("topic", KEY, value, now)))
                    .isEqualTo(expected);
                String batched =
                    signer.signBatch(List.of(Signer.content("topic", KEY, value)), now).get(0);
                assertThat(trust.verify("topic", KEY, value, batched)).isEqualTo(expected);
              }
              return null;
            });
      }
      inParallel(writers);
    }
  }

  private static void inParallel(List<Callable<Void>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      for (Future<Void> each : threads.invokeAll(tasks)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aFloodOfHeadersIsNotRememberedBeyondABound() throws Exception {
    JWK key = secret();
    TrustStore trust = new TrustStore(List.of(key));
    Signer signer = Signer.of(key);
    String first = signer.sign("topic", KEY, VALUE, NOW);
    trust.verify("topic", KEY, VALUE, first);
    for (int i = 0; i < 2 * TrustStore.REMEMBERED; i++) {
      Instant now = NOW.plusSeconds(i);
      assertThat(
              trust.verify("topic", KEY, VALUE, signer.sign("topic", KEY, VALUE, now)).signedAt())
          .isEqualTo(now);
      assertThat(trust.rememberedHeaders()).isEqualTo(Math.min(i + 1, TrustStore.REMEMBERED));
    }
    assertThat(trust.verify("topic", KEY, VALUE, first).signedAt()).isEqualTo(NOW);
    assertRefused(trust, "topic", KEY, KEY, first, PoisonException.Cause.BAD_SIGNATURE);
    assertThat(trust.rememberedHeaders()).isEqualTo(TrustStore.REMEMBERED);
  }

  @Test
  void noHeaderIsRememberedOfWhoHasNoTrustedKeyNorALongOne() throws Exception {
    JWK key = secret();
    TrustStore trust = new TrustStore(List.of(key));
    String signature = Signer.of(key).sign("topic", KEY, VALUE, NOW);
    assertRefused(trust, "topic", KEY, KEY, signature, PoisonException.Cause.BAD_SIGNATURE);
    String stranger = Signer.of(p256()).sign("topic", KEY, VALUE, NOW);
    assertRefused(trust, "topic", KEY, VALUE, stranger, PoisonException.Cause.BAD_SIGNATURE);
    assertThat(trust.rememberedHeaders()).isZero();
    JWSObject lengthy =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.HS256)
                .keyID("bot/1")
                .customParam("iat", NOW.getEpochSecond())
                .customParam("more", "x".repeat(TrustStore.LONGEST_HEADER))
                .build(),
            new Payload(SignedContent.of("topic", KEY, VALUE)));
    lengthy.sign(new MACSigner((OctetSequenceKey) key));
    assertThat(trust.verify("topic", KEY, VALUE, lengthy.serialize(true)).signedAt())
        .isEqualTo(NOW);
    assertThat(trust.rememberedHeaders()).isZero();
  }

  @Test
  void oneOtherCharacterIsRefusedAlsoOnceTheHeaderIsKnown() throws Exception {
    for (JWK key : List.of(p256(), ed25519(), secret())) {
      TrustStore trust =
          new TrustStore(List.of(key.toPublicJWK() == null ? key : key.toPublicJWK()));
      String signature = Signer.of(key).sign("topic", KEY, VALUE, NOW);
      trust.verify("topic", KEY, VALUE, signature);
      // The last character's low bits are no part of the signature.
      for (int i = 0; i < signature.length() - 1; i++) {
        char other = signature.charAt(i) == 'A' ? 'B' : 'A';
        String altered = signature.substring(0, i) + other + signature.substring(i + 1);
        assertThatThrownBy(() -> trust.verify("topic", KEY, VALUE, altered))
            .as(altered)
            .isInstanceOf(PoisonException.class);
      }
      assertThat(trust.verify("topic", KEY, VALUE, signature).signedAt()).isEqualTo(NOW);
    }
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
