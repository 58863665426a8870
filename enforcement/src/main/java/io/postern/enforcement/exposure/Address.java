package io.postern.enforcement.exposure;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import java.math.BigInteger;
import java.util.Optional;

/**
 * An address as a place on one line: all of IPv4, then all of IPv6.
 *
 * @param high the upper 64 bits, unsigned; zero for IPv4
 * @param low the lower 64 bits, unsigned
 */
public record Address(boolean ipv6, long high, long low) implements Comparable<Address> {
  static final Address FIRST_IPV4 = new Address(false, 0, 0);
  static final Address LAST_IPV4 = new Address(false, 0, 0xffff_ffffL);
  static final Address FIRST_IPV6 = new Address(true, 0, 0);
  static final Address LAST_IPV6 = new Address(true, -1, -1);

  /** Reads one address; empty when the text is none. Names are never looked up. */
  public static Optional<Address> parse(String text) {
    long ipv4 = parseIpv4(text);
    if (ipv4 >= 0) {
      return Optional.of(new Address(false, 0, ipv4));
    }
    if (text.indexOf(':') < 0 || text.indexOf('/') >= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(Cidr.parse(text).first(), true));
    } catch (InvalidValueException e) {
      return Optional.empty();
    }
  }

  /** The number of a dotted address; -1 when it is none. */
  private static long parseIpv4(String text) {
    long address = 0;
    int octets = 0;
    int octet = -1;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c == '.') {
        if (octet < 0 || ++octets > 4) {
          return -1;
        }
        address = address << 8 | octet;
        octet = -1;
      } else if (c < '0' || c > '9' || octet == 0) {
        return -1;
      } else {
        octet = octet < 0 ? c - '0' : octet * 10 + c - '0';
        if (octet > 255) {
          return -1;
        }
      }
    }
    return octets == 4 ? address : -1;
  }

  static Address of(BigInteger number, boolean ipv6) {
    return new Address(ipv6, number.shiftRight(64).longValue(), number.longValue());
  }

  BigInteger number() {
    return unsigned(high).shiftLeft(64).add(unsigned(low));
  }

  private static BigInteger unsigned(long bits) {
    BigInteger value = BigInteger.valueOf(bits);
    return bits < 0 ? value.add(BigInteger.ONE.shiftLeft(64)) : value;
  }

  /** The next place on the line; of the last one, itself. */
  Address next() {
    if (equals(LAST_IPV4)) {
      return FIRST_IPV6;
    }
    if (equals(LAST_IPV6)) {
      return this;
    }
    return new Address(ipv6, low == -1 ? high + 1 : high, low + 1);
  }

  /** The place before on the line; of the first one, itself. */
  Address previous() {
    if (equals(FIRST_IPV6)) {
      return LAST_IPV4;
    }
    if (equals(FIRST_IPV4)) {
      return this;
    }
    return new Address(ipv6, low == 0 ? high - 1 : high, low - 1);
  }

  @Override
  public int compareTo(Address other) {
    // A fleet takes some millions of these: no comparator, nothing boxed.
    if (ipv6 != other.ipv6) {
      return ipv6 ? 1 : -1;
    }
    int byHigh = high == other.high ? 0 : Long.compareUnsigned(high, other.high);
    return byHigh == 0 ? Long.compareUnsigned(low, other.low) : byHigh;
  }

  @Override
  public String toString() {
    return cidr(ipv6 ? 128 : 32).addressText();
  }

  /** The network of this length that begins here; the address must have no bits beyond it. */
  Cidr cidr(int length) {
    if (!ipv6) {
      return Cidr.parse(
          "%d.%d.%d.%d/%d"
              .formatted(low >> 24, low >> 16 & 0xff, low >> 8 & 0xff, low & 0xff, length));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      long bits = i < 4 ? high : low;
      text.append(i == 0 ? "" : ":").append(Long.toHexString(bits >>> (48 - i % 4 * 16) & 0xffff));
    }
    return Cidr.parse(text + "/" + length);
  }
}
