package io.postern.log;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import java.time.Instant;

/**
 * Signs records with a private key: a detached JWS (RFC 7515, appendix F) whose header carries
 * {@code kid} and {@code iat} (seconds) and whose payload is {@link SignedContent}. ES256 with a
 * P-256 key, EdDSA with an Ed25519 key; HS256 with a symmetric key, for topics that one service
 * writes to itself. Safe for use by many threads.
 */
public final class Signer {
  private final String keyId;
  private final JWSAlgorithm algorithm;
  private final JWSSigner signer;

  private Signer(String keyId, JWSAlgorithm algorithm, JWSSigner signer) {
    this.keyId = keyId;
    this.algorithm = algorithm;
    this.signer = signer;
  }

  /**
   * @param key a private or symmetric JWK with a {@code kid} of the form {@code <owner>/<serial>}
   * @throws IllegalArgumentException when the key has no kid, is public, or is of another type
   */
  public static Signer of(JWK key) {
    if (key.getKeyID() == null || !key.isPrivate()) {
      throw new IllegalArgumentException("a signing key must be private and have a kid");
    }
    try {
      if (key instanceof ECKey ec) {
        ECDSASigner signer = new ECDSASigner(ec);
        FastCrypto.provider().ifPresent(signer.getJCAContext()::setProvider);
        return new Signer(key.getKeyID(), JWSAlgorithm.ES256, signer);
      }
      if (key instanceof OctetKeyPair okp) {
        return new Signer(key.getKeyID(), JWSAlgorithm.EdDSA, new Ed25519.Signer(okp));
      }
      if (key instanceof OctetSequenceKey secret) {
        return new Signer(key.getKeyID(), JWSAlgorithm.HS256, new MACSigner(secret));
      }
    } catch (JOSEException e) {
      throw new IllegalArgumentException(
          "cannot sign with key " + key.getKeyID() + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "key " + key.getKeyID() + " must be P-256, Ed25519 or symmetric");
  }

  /** The key's id. */
  public String keyId() {
    return keyId;
  }

  /** The value of the {@code postern-signature} header for a record. */
  public String sign(String topic, byte[] key, byte[] value, Instant now) {
    JWSHeader header =
        new JWSHeader.Builder(algorithm)
            .keyID(keyId)
            .customParam("iat", now.getEpochSecond())
            .build();
    JWSObject jws = new JWSObject(header, new Payload(SignedContent.of(topic, key, value)));
    try {
      jws.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("signing with key " + keyId + " failed", e);
    }
    return jws.serialize(true);
  }
}
