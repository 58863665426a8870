package io.postern.platform;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The quickstart's own issuer of bearer tokens; its key lies in a file that only the owner reads.
 */
public final class Issuer {
  /** The name that its tokens carry. */
  public static final String NAME = "http://localhost/postern-quickstart";

  private static final Duration VALID = Duration.ofHours(12);

  private final ECKey key;
  private final Path publicKeys;

  private Issuer(ECKey key, Path publicKeys) {
    this.key = key;
    this.publicKeys = publicKeys;
  }

  /** The issuer whose key is kept in the directory; the first call makes it. */
  public static Issuer in(Path directory) {
    Path secret = directory.resolve("issuer.jwk");
    Path open = directory.resolve("issuer-public.json");
    try {
      Files.createDirectories(directory);
      if (!Files.exists(secret)) {
        Files.createFile(
            secret,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
            secret, new ECKeyGenerator(Curve.P_256).keyID("quickstart").generate().toJSONString());
      }
      ECKey key = ECKey.parse(Files.readString(secret));
      Files.writeString(open, new JWKSet(key.toPublicJWK()).toString());
      return new Issuer(key, open);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the issuer's key in " + directory, e);
    } catch (JOSEException | ParseException e) {
      throw new IllegalStateException(
          "the issuer's key in " + secret + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** File of the JWK set with which tokens are checked. */
  public Path publicKeys() {
    return publicKeys;
  }

  /** The directory that its keys lie in. */
  public Path directory() {
    return Objects.requireNonNull(publicKeys.getParent());
  }

  /**
   * Whether a token is one of its own.
   *
   * @param subject whom it must name
   * @return how long it is good from now on; empty for a token of another issuer or subject, one
   *     that is over, or what is no token at all
   */
  public Optional<Duration> validity(String token, String subject, Instant now) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!jwt.verify(new ECDSAVerifier(key.toPublicJWK()))) {
        return Optional.empty();
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      return Optional.ofNullable(claims.getExpirationTime())
          .filter(end -> NAME.equals(claims.getIssuer()) && subject.equals(claims.getSubject()))
          .map(end -> Duration.between(now, end.toInstant()))
          .filter(Duration::isPositive);
    } catch (ParseException | JOSEException e) {
      return Optional.empty();
    }
  }

  /** A bearer token, valid for twelve hours. */
  public String token(String subject, List<String> groups) {
    Instant now = Instant.now();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(NAME)
            .subject(subject)
            .claim("groups", groups)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(VALID)))
            .build();
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    try {
      jwt.sign(new ECDSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("signing a token failed", e);
    }
    return jwt.serialize();
  }
}
