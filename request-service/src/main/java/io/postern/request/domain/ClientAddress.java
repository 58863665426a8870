package io.postern.request.domain;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** From where a call comes, when there are proxies in between. */
public final class ClientAddress {
  private ClientAddress() {}

  /**
   * The address nearest to us that is none of our proxies'. Each proxy adds whom it has talked to
   * at the end of the header, so it is read from there, and only as far as proxies of ours wrote
   * it: what stands before is anybody's claim.
   *
   * @param connection the address that the connection comes from
   * @param forwardedFor the values of all {@code X-Forwarded-For} headers, in order
   * @param proxies whose word counts; nobody's when empty
   * @return a single address; where a trusted proxy names none, its own
   */
  public static String of(
      String connection, Collection<String> forwardedFor, Collection<Cidr> proxies) {
    List<String> way = new ArrayList<>();
    forwardedFor.forEach(h -> Arrays.stream(h.split(",")).map(String::strip).forEach(way::add));
    String address = connection;
    while (isOneOf(proxies, address) && !way.isEmpty()) {
      String before = way.removeLast();
      if (!isAddress(before)) {
        return address;
      }
      address = before;
    }
    return address;
  }

  private static boolean isOneOf(Collection<Cidr> proxies, String address) {
    return isAddress(address) && proxies.stream().anyMatch(p -> p.contains(Cidr.parse(address)));
  }

  private static boolean isAddress(String text) {
    try {
      return text.indexOf('/') < 0 && !Cidr.parse(text).toString().isEmpty();
    } catch (InvalidValueException e) {
      return false;
    }
  }
}
