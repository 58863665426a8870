package io.postern.enforcement.exposure;

import java.util.Optional;

/** Addresses of one family from first to last, both included. */
public record Span(Address first, Address last) {
  static final Span IPV4 = new Span(Address.FIRST_IPV4, Address.LAST_IPV4);
  static final Span IPV6 = new Span(Address.FIRST_IPV6, Address.LAST_IPV6);

  public Span {
    if (first.ipv6() != last.ipv6() || first.compareTo(last) > 0) {
      throw new IllegalArgumentException(first + " to " + last);
    }
  }

  /**
   * Reads an address or a network as somebody else wrote it, bits beyond the length left out of
   * account; empty when the text is none, as a tag is.
   */
  public static Optional<Span> parse(String text) {
    int slash = text.indexOf('/');
    Optional<Address> address = Address.parse(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty() || slash < 0) {
      return address.map(a -> new Span(a, a));
    }
    int length = length(text, slash + 1);
    return length < 0 || length > (address.get().ipv6() ? 128 : 32)
        ? Optional.empty()
        : Optional.of(of(address.get(), length));
  }

  private static int length(String text, int from) {
    int length = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || i - from > 2) {
        return -1;
      }
      length = length * 10 + c - '0';
    }
    return from == text.length() ? -1 : length;
  }

  private static Span of(Address a, int length) {
    if (!a.ipv6()) {
      long size = 1L << (32 - length);
      long first = a.low() & -size;
      return new Span(new Address(false, 0, first), new Address(false, 0, first + size - 1));
    }
    long highMask = length == 0 ? 0 : length >= 64 ? -1 : -1L << (64 - length);
    long lowMask = length <= 64 ? 0 : -1L << (128 - length);
    return new Span(
        new Address(true, a.high() & highMask, a.low() & lowMask),
        new Address(true, a.high() | ~highMask, a.low() | ~lowMask));
  }

  public boolean contains(Address address) {
    return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
  }
}
