package io.postern.simulator.ec2;

import java.net.Inet6Address;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of addresses in canonical form: no host bits, IPv6 compressed as RFC 5952 says. An
 * address is a block of full length.
 */
record Cidr(boolean v6, long high, long low, int length) {
  private static final Pattern IPV4 =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

  static Cidr ipv4(String text) {
    return block(text, false);
  }

  static Cidr ipv6(String text) {
    return block(text, true);
  }

  static Cidr block(String text) {
    return block(text, text.indexOf(':') >= 0);
  }

  static Cidr address(String text) {
    return text.indexOf(':') >= 0 ? block(text + "/128", true) : block(text + "/32", false);
  }

  private static Cidr block(String text, boolean v6) {
    int slash = text.indexOf('/');
    if (slash > 0 && text.substring(slash + 1).matches("\\d{1,3}")) {
      int length = Integer.parseInt(text.substring(slash + 1));
      if (length <= (v6 ? 128 : 32)) {
        return v6 ? parse6(text, slash, length) : parse4(text, slash, length);
      }
    }
    throw malformed(text);
  }

  private static Cidr parse4(String text, int slash, int length) {
    Matcher octets = IPV4.matcher(text.substring(0, slash));
    if (!octets.matches()) {
      throw malformed(text);
    }
    long bits = 0;
    for (int i = 1; i <= 4; i++) {
      int octet = Integer.parseInt(octets.group(i));
      if (octet > 255) {
        throw malformed(text);
      }
      bits = bits << 8 | octet;
    }
    return new Cidr(false, 0, bits & mask(length + 32), length);
  }

  private static Cidr parse6(String text, int slash, int length) {
    String address = text.substring(0, slash);
    if (address.indexOf(':') < 0 || address.indexOf('%') >= 0) {
      throw malformed(text);
    }
    try {
      byte[] bytes = Inet6Address.ofLiteral(address).getAddress();
      // Java reads a mapped address as the IPv4 address in it; a block of IPv6 it stays.
      long high = bytes.length == 4 ? 0 : bits(bytes, 0, 8);
      long low = bytes.length == 4 ? 0xffff_0000_0000L | bits(bytes, 0, 4) : bits(bytes, 8, 16);
      return new Cidr(true, high & mask(Math.min(length, 64)), low & mask(length - 64), length);
    } catch (IllegalArgumentException e) {
      throw malformed(text);
    }
  }

  private static long bits(byte[] bytes, int from, int to) {
    long bits = 0;
    for (int i = from; i < to; i++) {
      bits = bits << 8 | (bytes[i] & 0xff);
    }
    return bits;
  }

  private static Ec2Error malformed(String text) {
    return Ec2Error.invalid("CIDR block " + text + " is malformed");
  }

  /** The first {@code length} of 64 bits. */
  private static long mask(int length) {
    return length <= 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
  }

  boolean contains(Cidr other) {
    if (v6 != other.v6 || other.length < length) {
      return false;
    }
    return v6
        ? (other.high & mask(Math.min(length, 64))) == high
            && (other.low & mask(length - 64)) == low
        : (other.low & mask(length + 32)) == low;
  }

  /** Whether it is 0.0.0.0/0 or ::/0. */
  boolean everywhere() {
    return length == 0;
  }

  /** The address with the given number in this block. */
  Cidr host(long number) {
    return new Cidr(v6, high, low + number, v6 ? 128 : 32);
  }

  String addressText() {
    return v6
        ? text6()
        : (low >> 24 & 255) + "." + (low >> 16 & 255) + "." + (low >> 8 & 255) + "." + (low & 255);
  }

  private String text6() {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4)) & 0xffff);
    }
    int best = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && groups[i + run] == 0) {
        run++;
      }
      if (run > bestLength) {
        best = i;
        bestLength = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == best) {
        text.append("::");
        i += bestLength - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return addressText() + "/" + length;
  }
}
