package io.postern.log;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs records with a private key: a detached JWS (RFC 7515, appendix F) whose header carries
 * {@code kid} and {@code iat} (seconds) and whose payload is {@link SignedContent}. ES256 with a
 * P-256 key, EdDSA with an Ed25519 key; HS256 with a symmetric key, for topics that one service
 * writes to itself. Safe for use by many threads.
 */
public final class Signer {
  private static final JOSEObjectType BATCH = new JOSEObjectType(TrustStore.BATCH_TYPE);

  private final String keyId;
  private final JWSAlgorithm algorithm;
  private final JWSSigner signer;

  /** A header as it is sent. */
  private record Header(long issuedAt, JWSHeader header, String text) {}

  // The header of one second is the same for all that is signed in it. Threads that differ over the
  // second build their own.
  private volatile @Nullable Header single;
  private volatile @Nullable Header batch;

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
        ECDSASigner signer = new ECDSASigner(FastCrypto.ownKey(ec.toECPrivateKey()), ec.getCurve());
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

  /**
   * Signs many records with one signature over the root of their hash tree. Each record's header
   * value stands alone: {@code <JWS header>..<signature>~<index>~<count>~<path>}, where the JWS is
   * detached over the 32 bytes of the root and its header's {@code typ} says {@value
   * TrustStore#BATCH_TYPE}, so that neither kind of signature can be taken for the other.
   *
   * @param contents at most {@link TrustStore#MAX_BATCH}, as of {@link #content}
   * @return header values in the order of the contents
   */
  public List<String> signBatch(List<byte[]> contents, Instant now) {
    return signBatch(contents, now, () -> {});
  }

  /**
   * Likewise, for a writer that lets others go on meanwhile.
   *
   * @param between called between pieces of the work, twice for each record
   */
  public List<String> signBatch(List<byte[]> contents, Instant now, Runnable between) {
    if (contents.isEmpty()) {
      return List.of();
    }
    if (contents.size() > TrustStore.MAX_BATCH) {
      throw new IllegalArgumentException(
          contents.size() + " records, at most " + TrustStore.MAX_BATCH);
    }
    MerkleTree tree = new MerkleTree(contents, between);
    Header header = header(batch, BATCH, now);
    batch = header;
    String jws = detached(header, tree.root());
    List<String> signatures = new ArrayList<>(contents.size());
    for (int i = 0; i < contents.size(); i++) {
      signatures.add(
          jws
              + '~'
              + i
              + '~'
              + contents.size()
              + '~'
              + Base64.getUrlEncoder().withoutPadding().encodeToString(tree.path(i)));
      between.run();
    }
    return signatures;
  }

  /** What a signature covers of a record. */
  static byte[] content(String topic, byte[] key, byte[] value) {
    return SignedContent.of(topic, key, value);
  }

  /** The value of the {@code postern-signature} header for a record. */
  public String sign(String topic, byte[] key, byte[] value, Instant now) {
    Header header = header(single, null, now);
    single = header;
    return detached(header, SignedContent.of(topic, key, value));
  }

  private Header header(@Nullable Header last, @Nullable JOSEObjectType type, Instant now) {
    long issuedAt = now.getEpochSecond();
    if (last != null && last.issuedAt() == issuedAt) {
      return last;
    }
    JWSHeader header =
        new JWSHeader.Builder(algorithm)
            .keyID(keyId)
            .type(type)
            .customParam("iat", issuedAt)
            .build();
    return new Header(issuedAt, header, header.toBase64URL().toString());
  }

  private String detached(Header header, byte[] payload) {
    try {
      return header.text()
          + ".."
          + signer.sign(header.header(), SigningInput.of(header.text(), payload));
    } catch (JOSEException | RuntimeException e) {
      throw new IllegalStateException("signing with key " + keyId + " failed", e);
    }
  }
}
