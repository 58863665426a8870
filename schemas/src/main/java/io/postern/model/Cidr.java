package io.postern.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 network in canonical form; a single address is a network of full length. Names
 * are never looked up.
 */
public final class Cidr implements Comparable<Cidr> {
  private static final String RULE = "must be an IPv4 or IPv6 address or CIDR";
  private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
  // Java itself takes groups of five digits.
  private static final Pattern IPV6 =
      Pattern.compile("(?:[0-9a-fA-F]{0,4}:){2,8}(?:[0-9a-fA-F]{0,4}|[0-9.]{7,15})");
  private static final Comparator<Cidr> ORDER =
      Comparator.comparing(Cidr::isIpv6).thenComparing(c -> c.first).thenComparing(c -> c.length);

  private static final List<Cidr> NOT_PUBLIC =
      List.of(
          parse("10.0.0.0/8"),
          parse("172.16.0.0/12"),
          parse("192.168.0.0/16"),
          parse("100.64.0.0/10"));

  private final byte[] address;
  private final int length;
  private final BigInteger first;

  private Cidr(byte[] address, int length) {
    this.address = address;
    this.length = length;
    this.first = new BigInteger(1, address);
  }

  /**
   * Reads {@code 203.0.113.7}, {@code 203.0.113.0/24}, {@code 2001:db8::1} or {@code
   * 2001:db8::/32}.
   *
   * @throws InvalidValueException when it is none of these, has leading zeros in an octet, a zone,
   *     or bits set beyond its length
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = parseAddress(slash < 0 ? text : text.substring(0, slash), text);
    int bits = address.length * 8;
    int length = slash < 0 ? bits : parseLength(text.substring(slash + 1), bits, text);
    byte[] network = masked(address, length);
    if (!Arrays.equals(network, address)) {
      throw new InvalidValueException(
          "must have no bits set beyond its length (did you mean "
              + new Cidr(network, length)
              + "?)",
          text);
    }
    return new Cidr(network, length);
  }

  private static byte[] parseAddress(String address, String whole) {
    if (address.indexOf(':') < 0) {
      return parseIpv4(address, whole);
    }
    if (!IPV6.matcher(address).matches()) {
      throw new InvalidValueException(RULE, whole);
    }
    int dot = address.indexOf('.');
    if (dot >= 0) {
      parseIpv4(address.substring(address.lastIndexOf(':') + 1), whole);
    }
    try {
      byte[] bytes = InetAddress.getByName("[" + address + "]").getAddress();
      return bytes.length == 16 ? bytes : mapped(bytes);
    } catch (UnknownHostException e) {
      throw new InvalidValueException(RULE, whole);
    }
  }

  // Java turns ::ffff:a.b.c.d into an IPv4 address; it stays what was written.
  private static byte[] mapped(byte[] ipv4) {
    byte[] ipv6 = new byte[16];
    ipv6[10] = (byte) 0xff;
    ipv6[11] = (byte) 0xff;
    System.arraycopy(ipv4, 0, ipv6, 12, 4);
    return ipv6;
  }

  private static byte[] parseIpv4(String address, String whole) {
    String[] octets = address.split("\\.", -1);
    byte[] bytes = new byte[4];
    if (octets.length != 4) {
      throw new InvalidValueException(RULE, whole);
    }
    for (int i = 0; i < 4; i++) {
      if (!OCTET.matcher(octets[i]).matches() || Integer.parseInt(octets[i]) > 255) {
        throw new InvalidValueException(RULE, whole);
      }
      bytes[i] = (byte) Integer.parseInt(octets[i]);
    }
    return bytes;
  }

  private static int parseLength(String digits, int bits, String whole) {
    if (!OCTET.matcher(digits).matches() || Integer.parseInt(digits) > bits) {
      throw new InvalidValueException(RULE + ", its length 0 to " + bits, whole);
    }
    return Integer.parseInt(digits);
  }

  private static byte[] masked(byte[] address, int length) {
    byte[] network = address.clone();
    for (int i = 0; i < network.length; i++) {
      int keep = Math.max(0, Math.min(8, length - i * 8));
      network[i] &= (byte) (0xff << (8 - keep));
    }
    return network;
  }

  public boolean isIpv6() {
    return address.length == 16;
  }

  /** The prefix length in bits. */
  public int length() {
    return length;
  }

  /** Whether this is a single address. */
  public boolean isSingle() {
    return length == address.length * 8;
  }

  /** The network address without a length. */
  public String addressText() {
    try {
      return isIpv6() ? ipv6Text() : InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** First address as a number. */
  public BigInteger first() {
    return first;
  }

  /** Last address as a number. */
  public BigInteger last() {
    return first.add(size()).subtract(BigInteger.ONE);
  }

  /** How many addresses it holds. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(address.length * 8 - length);
  }

  /** Whether it is of IPv4 and lies in none of the private and shared ranges (RFC 1918, 6598). */
  public boolean isPublicIpv4() {
    return !isIpv6() && NOT_PUBLIC.stream().noneMatch(p -> p.contains(this));
  }

  /** Whether every address of the other lies in this one; false across families. */
  public boolean contains(Cidr other) {
    return isIpv6() == other.isIpv6()
        && length <= other.length
        && Arrays.equals(masked(other.address, length), address);
  }

  public boolean overlaps(Cidr other) {
    return contains(other) || other.contains(this);
  }

  // RFC 5952: lower case, the longest run of zero groups shortened, the first of equal ones.
  private String ipv6Text() {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int j = i;
      while (j < 8 && groups[j] == 0) {
        j++;
      }
      if (j - i > runLength) {
        runStart = i;
        runLength = j - i;
      }
      i = Math.max(i, j - 1);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  @Override
  public int compareTo(Cidr other) {
    return ORDER.compare(this, other);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cidr c && length == c.length && Arrays.equals(address, c.address);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + length;
  }

  /** Always with the length, for example {@code 203.0.113.7/32}. */
  @Override
  public String toString() {
    return addressText() + "/" + length;
  }
}
