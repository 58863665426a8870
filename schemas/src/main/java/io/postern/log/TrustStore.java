package io.postern.log;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are believed, by {@code kid}. A kid is {@code <owner>/<serial>}: the owner is the
 * service or producer that the key speaks for. The algorithm follows from the key, never from the
 * signature's own header. Safe for use by many threads.
 */
public final class TrustStore {

  /** The {@code typ} of a signature over a batch, see {@link Signer#signBatch}. */
  public static final String BATCH_TYPE = "postern-batch";

  /** Most records of one batch. */
  public static final int MAX_BATCH = 1 << 16;

  /** Most headers, and most roots, that are remembered. */
  static final int REMEMBERED = 1024;

  /** Longest header that is remembered, in characters; ours have some 80. */
  static final int LONGEST_HEADER = 512;

  /** A signature that holds: whose, and when it was made (whole seconds). */
  public record Signed(String owner, String keyId, Instant signedAt) {}

  private record Trusted(String owner, JWSAlgorithm algorithm, JWSVerifier verifier) {}

  private final Map<String, Trusted> keys = new HashMap<>();
  // Signatures over roots that hold: the next record of the same batch costs its hashes only.
  private final LruCache<Signed> roots = new LruCache<>(REMEMBERED);
  // Headers under which a signature held, by their text: a writer's header is the same for a
  // second, and takes long to read. Who has no trusted key can push none out.
  private final LruCache<JWSHeader> headers = new LruCache<>(REMEMBERED);

  /**
   * @throws IllegalArgumentException when a key has no kid with an owner, or is of another type
   *     than P-256, Ed25519 or symmetric
   */
  public TrustStore(List<JWK> trusted) {
    for (JWK key : trusted) {
      String kid = key.getKeyID();
      int slash = kid == null ? -1 : kid.indexOf('/');
      if (kid == null || slash < 1) {
        throw new IllegalArgumentException("a trusted key's kid must be <owner>/<serial>: " + kid);
      }
      keys.put(kid, trusted(kid.substring(0, slash), key));
    }
  }

  /** Reads a JWK set from a file; a sentence that names the file when it cannot. */
  public static TrustStore load(Path file) {
    try {
      return new TrustStore(JWKSet.parse(Files.readString(file)).getKeys());
    } catch (IOException | ParseException e) {
      throw new IllegalArgumentException(
          "cannot read the trusted keys in " + file + ": " + e.getMessage(), e);
    }
  }

  private static Trusted trusted(String owner, JWK key) {
    try {
      if (key instanceof ECKey ec) {
        ECDSAVerifier verifier = new ECDSAVerifier(ec.toPublicJWK());
        FastCrypto.provider().ifPresent(verifier.getJCAContext()::setProvider);
        return new Trusted(owner, JWSAlgorithm.ES256, verifier);
      }
      if (key instanceof OctetKeyPair okp) {
        return new Trusted(owner, JWSAlgorithm.EdDSA, new Ed25519.Verifier(okp));
      }
      if (key instanceof OctetSequenceKey secret) {
        return new Trusted(owner, JWSAlgorithm.HS256, new MACVerifier(secret));
      }
    } catch (JOSEException e) {
      throw new IllegalArgumentException("key " + key.getKeyID() + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "key " + key.getKeyID() + " must be P-256, Ed25519 or symmetric");
  }

  /**
   * Checks the {@code postern-signature} of a record.
   *
   * @throws PoisonException UNSIGNED without one, UNKNOWN_KEY for a kid that is not trusted,
   *     BAD_SIGNATURE when it does not fit topic, key and value, or cannot be read
   */
  public Signed verify(String topic, byte[] key, byte[] value, @Nullable String signature)
      throws PoisonException {
    if (signature == null || signature.isBlank()) {
      throw new PoisonException(PoisonException.Cause.UNSIGNED, "the record bears no signature");
    }
    try {
      int batch = signature.indexOf('~');
      if (batch >= 0) {
        return verifyBatch(SignedContent.of(topic, key, value), signature, batch);
      }
      return verify(detached(signature), SignedContent.of(topic, key, value), false);
    } catch (ParseException | JOSEException | RuntimeException e) {
      // Whatever Nimbus makes of bytes that anybody can send; a header of JSON's null is one of
      // them.
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE, "the signature cannot be read: " + e.getMessage());
    }
  }

  /**
   * Who speaks in a record: who signed it, or on a producer's own topic, where nobody else can
   * write, the producer.
   *
   * @param at when the record came onto the topic, which is the time of one that is not signed
   * @throws PoisonException as {@link #verify}; NOT_THE_WRITER when somebody else's signature is on
   *     a producer's own topic
   */
  public Signed speaker(
      Topic topic, byte[] key, byte[] value, @Nullable String signature, Instant at)
      throws PoisonException {
    if (topic.isProducersOwn() && (signature == null || signature.isBlank())) {
      return new Signed(topic.writer(), topic.name(), at);
    }
    Signed signed = verify(topic.name(), key, value, signature);
    if (topic.isProducersOwn()) {
      EventCodec.checkWriter(topic, signed);
    }
    return signed;
  }

  private static String[] detached(String jws) throws PoisonException {
    String[] parts = jws.split("\\.", -1);
    if (parts.length != 3 || !parts[1].isEmpty()) {
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE, "the signature is not a detached JWS");
    }
    return parts;
  }

  private Signed verifyBatch(byte[] content, String signature, int end)
      throws PoisonException, ParseException, JOSEException {
    String jws = signature.substring(0, end);
    int countAt = signature.indexOf('~', end + 1) + 1;
    int pathAt = signature.indexOf('~', Math.max(countAt, 1)) + 1;
    if (countAt == 0 || pathAt == 0 || signature.indexOf('~', pathAt) >= 0) {
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE, "the signature is not one over a batch");
    }
    int index = Integer.parseInt(signature, end + 1, countAt - 1, 10);
    int count = Integer.parseInt(signature, countAt, pathAt - 1, 10);
    if (count > MAX_BATCH) {
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE, "a batch of " + count + ", at most " + MAX_BATCH);
    }
    byte[] path = Base64.getUrlDecoder().decode(signature.substring(pathAt));
    byte[] root = MerkleTree.root(content, index, count, path);
    String whole = jws + '~' + Base64.getEncoder().encodeToString(root);
    Signed known = roots.get(whole);
    if (known != null) {
      return known;
    }
    Signed signed = verify(detached(jws), root, true);
    roots.put(whole, signed);
    return signed;
  }

  private Signed verify(String[] parts, byte[] payload, boolean batch)
      throws PoisonException, ParseException, JOSEException {
    JWSHeader known = headers.get(parts[0]);
    JWSHeader header = known == null ? parsed(parts[0]) : known;
    if (parts[2].trim().isEmpty()) {
      throw new ParseException("The signature must not be empty", 0);
    }
    if (!header.isBase64URLEncodePayload()) {
      // Signed as text, in which bytes that are not UTF-8 all look alike.
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE,
          "a payload that is not in base64url (b64, RFC 7797) is not accepted");
    }
    boolean saysBatch = header.getType() != null && BATCH_TYPE.equals(header.getType().getType());
    Trusted trusted = header.getKeyID() == null ? null : keys.get(header.getKeyID());
    if (trusted == null) {
      throw new PoisonException(
          PoisonException.Cause.UNKNOWN_KEY, "no trusted key is named " + header.getKeyID());
    }
    if (saysBatch != batch
        || !trusted.algorithm().equals(header.getAlgorithm())
        || !(header.getCustomParam("iat") instanceof Number issuedAt)
        || !trusted
            .verifier()
            .verify(header, SigningInput.of(parts[0], payload), Base64URL.from(parts[2]))) {
      throw new PoisonException(
          PoisonException.Cause.BAD_SIGNATURE,
          "the signature of " + header.getKeyID() + " does not fit the record");
    }
    if (known == null && parts[0].length() <= LONGEST_HEADER) {
      headers.put(parts[0], header);
    }
    return new Signed(
        trusted.owner(), header.getKeyID(), Instant.ofEpochSecond(issuedAt.longValue()));
  }

  private static JWSHeader parsed(String text) throws ParseException {
    try {
      return JWSHeader.parse(Base64URL.from(text));
    } catch (ParseException e) {
      throw new ParseException("Invalid JWS header: " + e.getMessage(), 0);
    }
  }

  /** How many headers are remembered. */
  int rememberedHeaders() {
    return headers.size();
  }
}
