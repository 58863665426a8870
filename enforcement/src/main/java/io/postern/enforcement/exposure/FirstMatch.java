package io.postern.enforcement.exposure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which rule decides for which addresses, where the first that matches decides. One sweep over the
 * rules' borders, whatever the number of addresses between them.
 */
public final class FirstMatch {
  private FirstMatch() {}

  /** What a rule says of a set of sources. */
  public record Entry<T>(AddressSet sources, T rule) {}

  /** Addresses for which one rule decides. */
  public record Piece<T>(Span span, T rule) {}

  private record Claim(Address first, Address last, int rank) {}

  /**
   * The pieces in order of addresses, without overlap; addresses that no entry names are in none.
   *
   * @param entries in the order in which they are asked
   */
  public static <T> List<Piece<T>> decide(List<Entry<T>> entries) {
    List<Claim> claims = new ArrayList<>();
    for (int rank = 0; rank < entries.size(); rank++) {
      for (Span span : entries.get(rank).sources().spans()) {
        claims.add(new Claim(span.first(), span.last(), rank));
      }
    }
    claims.sort(Comparator.comparing(Claim::first));
    PriorityQueue<Claim> open = new PriorityQueue<>(Comparator.comparingInt(Claim::rank));
    List<Piece<T>> pieces = new ArrayList<>();
    int next = 0;
    Address from = Address.FIRST_IPV4;
    while (next < claims.size() || !open.isEmpty()) {
      if (open.isEmpty()) {
        from = later(from, claims.get(next).first());
      }
      while (next < claims.size() && claims.get(next).first().compareTo(from) <= 0) {
        open.add(claims.get(next++));
      }
      while (!open.isEmpty() && open.peek().last().compareTo(from) < 0) {
        open.poll();
      }
      Claim decides = open.peek();
      if (decides == null) {
        continue;
      }
      Address last = decides.last();
      while (next < claims.size() && claims.get(next).first().compareTo(last) <= 0) {
        Claim other = claims.get(next);
        if (other.rank() < decides.rank()) {
          last = other.first().previous();
          break;
        }
        open.add(other);
        next++;
      }
      pieces.add(new Piece<>(new Span(from, last), entries.get(decides.rank()).rule()));
      if (last.equals(Address.LAST_IPV6)) {
        break;
      }
      from = last.next();
    }
    return pieces;
  }

  private static Address later(Address a, Address b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
