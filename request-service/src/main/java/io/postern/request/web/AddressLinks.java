package io.postern.request.web;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.postern.model.Requestor;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.domain.AddressProof;
import io.postern.request.domain.AddressProofs;
import io.postern.request.domain.Owner;
import io.postern.request.sql.SqlStore;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Links that prove an address by being opened from it: for somebody whose calls come through a
 * proxy, or who wants access from another device. A link says in itself whose it is and until when,
 * signed; only that it was opened is kept.
 */
@Component
public class AddressLinks {
  /** How long a link may be opened. */
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final int LONGEST_TOKEN = 4000;

  private final AddressProofs proofs;
  private final byte[] secret;
  private final Clock clock;

  AddressLinks(RequestServiceProperties properties, SqlStore store, Clock clock) {
    this.proofs = store.proofs();
    this.secret = properties.log().deriveSecret("address-link");
    this.clock = clock;
  }

  /**
   * A link.
   *
   * @param token what it is opened by
   */
  public record Link(UUID id, Owner owner, Instant expiresAt, String token) {
    /** Where it is opened, below this service's own address. */
    public String path() {
      return "/from/" + token;
    }
  }

  /** A new link of the person's. */
  public Link create(Requestor person) {
    UUID id = UUID.randomUUID();
    // The token holds seconds.
    Instant until = Instant.ofEpochSecond(clock.instant().plus(LIFE).getEpochSecond());
    SignedJWT token =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .jwtID(id.toString())
                .subject(person.subject())
                .issuer(person.issuer())
                .expirationTime(Date.from(until))
                .build());
    try {
      token.sign(new MACSigner(secret));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    return new Link(id, Owner.of(person), until, token.serialize());
  }

  /**
   * The link that a token is of; it may have expired.
   *
   * @throws Problem when the token is none of ours
   */
  public Link read(String token) {
    try {
      if (token.length() > LONGEST_TOKEN) {
        throw Problem.notFound("link");
      }
      SignedJWT signed = SignedJWT.parse(token);
      if (!signed.verify(new MACVerifier(secret))) {
        throw Problem.notFound("link");
      }
      JWTClaimsSet claims = signed.getJWTClaimsSet();
      return new Link(
          UUID.fromString(claims.getJWTID()),
          new Owner(claims.getSubject(), claims.getIssuer()),
          claims.getExpirationTime().toInstant(),
          token);
    } catch (ParseException | JOSEException | IllegalArgumentException e) {
      throw Problem.notFound("link");
    }
  }

  /**
   * The person's own link that a token is of.
   *
   * @throws Problem when it is none of ours, or somebody else's
   */
  public Link read(String token, Requestor person) {
    Link link = read(token);
    if (!link.owner().is(person)) {
      throw Problem.notFound("link");
    }
    return link;
  }

  public boolean isExpired(Link link) {
    return !clock.instant().isBefore(link.expiresAt());
  }

  /** From where the link was opened; empty while nobody has. */
  public Optional<AddressProof> proof(Link link) {
    return proofs.of(link.id());
  }

  /**
   * Takes note of the address that the link is opened from.
   *
   * @param address the caller's
   * @throws Problem when the link has expired, or was opened before
   */
  public void open(Link link, String address) {
    if (isExpired(link)) {
      throw Problem.conflict("this link has expired; ask for a new one");
    }
    if (!proofs.add(new AddressProof(link.id(), link.owner(), address, clock.instant()))) {
      throw Problem.conflict("this link was opened before; ask for a new one");
    }
  }
}
