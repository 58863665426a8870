package io.postern.enforcement.exposure;

import java.math.BigInteger;

/** How far a port is open. The names say what sources there are; each has its severity. */
public enum Width {
  CLOSED(Severity.NONE, "nobody"),
  /** Private, shared and link-local addresses only. */
  NETWORK(Severity.LOW, "the network"),
  /** At most 256 public IPv4 addresses and one IPv6 subnet's worth, 2^64. */
  FEW(Severity.MEDIUM, "few public addresses"),
  /** More. */
  WIDE(Severity.HIGH, "a wide range of public addresses"),
  /** At least half of IPv4, or half of IPv6's global unicast, 2000::/3. */
  WORLD(Severity.CRITICAL, "the world");

  private static final AddressSet NOT_PUBLIC =
      AddressSet.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "224.0.0.0/3",
          "168.63.129.16",
          "::/128",
          "::1/128",
          "fc00::/7",
          "fe80::/10",
          "ff00::/8");
  private static final BigInteger FEW_IPV4 = BigInteger.valueOf(256);
  private static final BigInteger FEW_IPV6 = BigInteger.ONE.shiftLeft(64);
  private static final BigInteger WORLD_IPV4 = BigInteger.ONE.shiftLeft(31);
  private static final BigInteger WORLD_IPV6 = BigInteger.ONE.shiftLeft(124);

  private final Severity severity;
  private final String words;

  Width(Severity severity, String words) {
    this.severity = severity;
    this.words = words;
  }

  public Severity severity() {
    return severity;
  }

  /** To whom, for a sentence. */
  public String words() {
    return words;
  }

  /**
   * @param named whether there are sources beside that are known by name only
   */
  public static Width of(AddressSet sources, boolean named) {
    if (sources.isEmpty()) {
      return named ? WIDE : CLOSED;
    }
    AddressSet open = sources.minus(NOT_PUBLIC);
    BigInteger ipv4 = open.count(false);
    BigInteger ipv6 = open.count(true);
    if (sources.count(false).compareTo(WORLD_IPV4) >= 0 || ipv6.compareTo(WORLD_IPV6) >= 0) {
      return WORLD;
    }
    if (named || ipv4.compareTo(FEW_IPV4) > 0 || ipv6.compareTo(FEW_IPV6) > 0) {
      return WIDE;
    }
    return open.isEmpty() ? NETWORK : FEW;
  }
}
