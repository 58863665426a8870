package io.postern.enforcement.domain;

import io.postern.model.Cidr;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/**
 * An enforcer's own limits, held against every grant whatever policy-service signed.
 *
 * @param longestGrant longest time from start to end
 * @param widestV4 shortest IPv4 prefix length that all sources of one grant together may come to
 * @param widestV6 likewise for IPv6
 */
public record Bounds(Duration longestGrant, int widestV4, int widestV6) {

  /** A day, and nothing wider than an IPv4 /8 or an IPv6 /32. */
  public static final Bounds DEFAULT = new Bounds(Duration.ofHours(24), 8, 32);

  /** Why the grant is outside the limits, in a sentence, or empty. */
  public Optional<String> violation(Grant grant) {
    Duration length = Duration.between(grant.startsAt(), grant.expiresAt());
    if (length.compareTo(longestGrant) > 0) {
      return Optional.of(
          "lasts " + length + ", longer than this enforcer's limit of " + longestGrant);
    }
    if (grant.sources().isEmpty() || grant.ports().isEmpty()) {
      return Optional.of("names no source or no port");
    }
    if (width(grant, false).compareTo(BigInteger.ONE.shiftLeft(32 - widestV4)) > 0) {
      return Optional.of("its IPv4 sources are wider than this enforcer's limit of /" + widestV4);
    }
    if (width(grant, true).compareTo(BigInteger.ONE.shiftLeft(128 - widestV6)) > 0) {
      return Optional.of("its IPv6 sources are wider than this enforcer's limit of /" + widestV6);
    }
    return Optional.empty();
  }

  private static BigInteger width(Grant grant, boolean ipv6) {
    return grant.sources().stream()
        .filter(c -> c.isIpv6() == ipv6)
        .map(Cidr::size)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }
}
