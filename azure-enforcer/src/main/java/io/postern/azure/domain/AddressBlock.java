package io.postern.azure.domain;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import java.math.BigInteger;
import java.util.Optional;

/** Addresses from first to last, read leniently from what somebody else wrote into a rule. */
record AddressBlock(boolean ipv6, BigInteger first, BigInteger last) {

  static AddressBlock of(Cidr cidr) {
    return new AddressBlock(cidr.isIpv6(), cidr.first(), cidr.last());
  }

  /** Empty when the text is no network: a tag, or something that we do not know. */
  static Optional<AddressBlock> parse(String text) {
    try {
      int slash = text.indexOf('/');
      Cidr address = Cidr.parse(slash < 0 ? text : text.substring(0, slash));
      int bits = address.isIpv6() ? 128 : 32;
      int length = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
      if (length < 0 || length > bits) {
        return Optional.empty();
      }
      BigInteger size = BigInteger.ONE.shiftLeft(bits - length);
      BigInteger first = address.first().andNot(size.subtract(BigInteger.ONE));
      return Optional.of(
          new AddressBlock(address.isIpv6(), first, first.add(size).subtract(BigInteger.ONE)));
    } catch (InvalidValueException e) {
      return Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean meets(AddressBlock other) {
    return ipv6 == other.ipv6
        && first.compareTo(other.last) <= 0
        && other.first.compareTo(last) <= 0;
  }

  boolean covers(AddressBlock other) {
    return ipv6 == other.ipv6
        && first.compareTo(other.first) <= 0
        && last.compareTo(other.last) >= 0;
  }
}
