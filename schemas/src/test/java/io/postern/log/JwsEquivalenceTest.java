package io.postern.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Signatures are what Nimbus' own {@link JWSObject} makes of them, to the byte, but for payloads
 * that are not encoded, which we do not accept.
 */
class JwsEquivalenceTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final byte[] KEY = {1, 2};

  private final Random random = new Random(7);
  private OctetSequenceKey key;
  private TrustStore trust;

  @BeforeEach
  void trustOneKey() throws Exception {
    key = new OctetSequenceKeyGenerator(256).keyID("bot/1").generate();
    trust = new TrustStore(List.of(key));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private String signedByNimbus(JWSHeader header, byte[] payload) throws JOSEException {
    JWSObject jws = new JWSObject(header, new Payload(payload));
    jws.sign(new MACSigner(key));
    return jws.serialize(true);
  }

  @Test
  void signsWhatNimbusSigns() throws Exception {
    Signer signer = Signer.of(key);
    for (int length = 0; length < 100; length++) {
      byte[] value = bytes(length);
      Instant now = NOW.plusMillis(300L * length);
      JWSHeader.Builder header =
          new JWSHeader.Builder(JWSAlgorithm.HS256)
              .keyID("bot/1")
              .customParam("iat", now.getEpochSecond());
      byte[] content = SignedContent.of("topic", KEY, value);
      assertThat(signer.sign("topic", KEY, value, now))
          .isEqualTo(signedByNimbus(header.build(), content));
      header.type(new JOSEObjectType(TrustStore.BATCH_TYPE));
      byte[] root = new MerkleTree(List.of(content)).root();
      assertThat(signer.signBatch(List.of(content), now))
          .containsExactly(signedByNimbus(header.build(), root) + "~0~1~");
    }
  }

  /** What the trust store said of a single signature when it left all of it to Nimbus. */
  private String byNimbus(String signature, byte[] value) {
    String[] parts = signature.split("\\.", -1);
    try {
      JWSObject jws =
          new JWSObject(
              Base64URL.from(parts[0]),
              new Payload(SignedContent.of("topic", KEY, value)),
              Base64URL.from(parts[2]));
      JWSHeader header = jws.getHeader();
      if (!header.isBase64URLEncodePayload()) {
        return "BAD_SIGNATURE a payload that is not in base64url (b64, RFC 7797) is not accepted";
      }
      if (!"bot/1".equals(header.getKeyID())) {
        return "UNKNOWN_KEY no trusted key is named " + header.getKeyID();
      }
      boolean isBatch =
          header.getType() != null && TrustStore.BATCH_TYPE.equals(header.getType().getType());
      if (isBatch
          || !JWSAlgorithm.HS256.equals(header.getAlgorithm())
          || !(header.getCustomParam("iat") instanceof Number)
          || !jws.verify(new MACVerifier(key))) {
        return "BAD_SIGNATURE the signature of bot/1 does not fit the record";
      }
      return "holds at " + ((Number) header.getCustomParam("iat")).longValue();
    } catch (ParseException | JOSEException | RuntimeException e) {
      return "BAD_SIGNATURE the signature cannot be read: " + e.getMessage();
    }
  }

  private String byTrustStore(String signature, byte[] value) {
    try {
      return "holds at " + trust.verify("topic", KEY, value, signature).signedAt().getEpochSecond();
    } catch (PoisonException e) {
      return e.reason() + " " + e.getMessage();
    }
  }

  private static final List<String> HEADERS =
      List.of(
          "{'alg':'HS256','kid':'bot/1','iat':1}",
          "{ 'iat' : 1, 'kid' : 'bot/1', 'alg' : 'HS256' }",
          "{'alg':'HS256','kid':'bot/1','iat':1.9}",
          "{'alg':'HS256','kid':'bot/1','iat':'1'}",
          "{'alg':'HS256','kid':'bot/1'}",
          "{'alg':'HS256','kid':'bot/2','iat':1}",
          "{'alg':'HS256','iat':1}",
          "{'alg':'HS512','kid':'bot/1','iat':1}",
          "{'alg':'none','kid':'bot/1','iat':1}",
          "{'kid':'bot/1','iat':1}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'typ':'JWT'}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'typ':'postern-batch'}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'b64':false,'crit':['b64']}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'b64':false}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'b64':true,'crit':['b64']}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'exp':2,'crit':['exp']}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'crit':[]}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'jwk':{'kty':'oct','k':'AAAA'}}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'x5u':'::'}",
          "{'alg':'HS256','kid':'bot/1','kid':'bot/2','iat':1}",
          "{'alg':'HS256','kid':'bot/1','iat':1,'zone':'\u00e9'}",
          "null",
          "[]",
          "{",
          "");

  @Test
  void judgesWhateverHeaderAsNimbusDoesTheFirstTimeAndTheNext() throws Exception {
    List<String> verdicts = new ArrayList<>();
    for (String json : HEADERS) {
      for (byte[] value : List.of(bytes(50), "text".getBytes(StandardCharsets.UTF_8))) {
        String header = Base64URL.encode(json.replace('\'', '"')).toString();
        // Base64 that others write, and that Nimbus reads.
        for (String written : List.of(header, header + "=", header + "\n", " " + header, "é")) {
          String signature = signature(written, value);
          for (String each : altered(written, signature)) {
            String expected = byNimbus(each, value);
            assertThat(byTrustStore(each, value)).as(json + " " + each).isEqualTo(expected);
            assertThat(byTrustStore(each, value)).as("again " + each).isEqualTo(expected);
            verdicts.add(expected.substring(0, 5));
          }
        }
      }
    }
    assertThat(verdicts).contains("holds", "BAD_S", "UNKNO");
  }

  private Stream<String> alteredSignatures(String signature) {
    int at = random.nextInt(signature.length() - 1);
    char other = signature.charAt(at) == 'A' ? 'B' : 'A';
    return Stream.of(
        signature,
        "",
        " ",
        "\u0001",
        "\u2028",
        "!",
        signature + "=",
        signature.substring(1),
        signature.substring(0, at) + other + signature.substring(at + 1));
  }

  private List<String> altered(String header, String signature) {
    return alteredSignatures(signature).map(s -> header + ".." + s).toList();
  }

  /** Whatever the header says, signed over both forms of payload that it may announce. */
  private String signature(String header, byte[] value) throws Exception {
    byte[] content = SignedContent.of("topic", KEY, value);
    byte[] input =
        (header
                + '.'
                + (new String(Base64URL.from(header).decode(), StandardCharsets.UTF_8)
                        .contains("\"b64\":false")
                    ? new Payload(content).toString()
                    : Base64URL.encode(content).toString()))
            .getBytes(StandardCharsets.UTF_8);
    return new MACSigner(key)
        .sign(new JWSHeader.Builder(JWSAlgorithm.HS256).build(), input)
        .toString();
  }
}
