package io.postern.simulator.arm;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An IPv4 or IPv6 network, or one address as a network of its own. */
final class Cidr {
  private final byte[] address;
  private final int bits;

  private Cidr(byte[] address, int bits) {
    this.address = address;
    this.bits = bits;
  }

  /** Parses an address with or without a prefix length; null when it is neither. */
  static @Nullable Cidr parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return null;
    }
    int most = address.length * 8;
    if (slash < 0) {
      return new Cidr(address, most);
    }
    String length = text.substring(slash + 1);
    if (length.isEmpty()
        || length.length() > 3
        || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int bits = Integer.parseInt(length);
    return bits > most ? null : new Cidr(address, bits);
  }

  private static byte @Nullable [] bytes(String text) {
    boolean six = text.indexOf(':') >= 0;
    if (!six && (text.isEmpty() || text.chars().filter(c -> c == '.').count() != 3)) {
      return null;
    }
    try {
      // ofLiteral never asks a name server.
      return InetAddress.ofLiteral(text).getAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  boolean hasNoHostBits() {
    for (int bit = bits; bit < address.length * 8; bit++) {
      if ((address[bit / 8] & (0x80 >> (bit % 8))) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the other network lies wholly in this one; never across address families. */
  boolean contains(Cidr other) {
    if (address.length != other.address.length || other.bits < bits) {
      return false;
    }
    int whole = bits / 8;
    if (!Arrays.equals(address, 0, whole, other.address, 0, whole)) {
      return false;
    }
    int mask = 0xff << (8 - bits % 8);
    return bits % 8 == 0 || (address[whole] & mask) == (other.address[whole] & mask);
  }

  int bits() {
    return bits;
  }

  /** The n-th address of an IPv4 network, as text. */
  String address(int n) {
    byte[] sum = address.clone();
    int carry = n;
    for (int i = sum.length - 1; i >= 0 && carry > 0; i--) {
      carry += sum[i] & 0xff;
      sum[i] = (byte) carry;
      carry >>= 8;
    }
    try {
      return InetAddress.getByAddress(sum).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
