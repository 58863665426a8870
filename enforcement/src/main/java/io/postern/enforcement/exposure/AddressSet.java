package io.postern.enforcement.exposure;

import io.postern.model.Cidr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** A set of addresses of both families. Equal sets are equal objects. */
public final class AddressSet {
  public static final AddressSet NONE = new AddressSet(List.of());
  public static final AddressSet IPV4 = new AddressSet(List.of(Span.IPV4));
  public static final AddressSet IPV6 = new AddressSet(List.of(Span.IPV6));
  public static final AddressSet ALL = new AddressSet(List.of(Span.IPV4, Span.IPV6));

  /** Ordered, without overlap, and never two that touch. */
  private final List<Span> spans;

  private AddressSet(List<Span> spans) {
    this.spans = spans;
  }

  /** Spans in any order, with any overlap. */
  public static AddressSet of(Collection<Span> spans) {
    if (spans.isEmpty()) {
      return NONE;
    }
    if (spans.size() == 1) {
      return new AddressSet(List.copyOf(spans));
    }
    List<Span> sorted = new ArrayList<>(spans);
    sorted.sort(Comparator.comparing(Span::first));
    List<Span> merged = new ArrayList<>();
    Span last = sorted.getFirst();
    for (Span span : sorted.subList(1, sorted.size())) {
      if (touches(last, span)) {
        last = span.last().compareTo(last.last()) > 0 ? new Span(last.first(), span.last()) : last;
      } else {
        merged.add(last);
        last = span;
      }
    }
    merged.add(last);
    return new AddressSet(List.copyOf(merged));
  }

  private static boolean touches(Span before, Span after) {
    return before.first().ipv6() == after.first().ipv6()
        && (after.first().compareTo(before.last()) <= 0
            || before.last().next().equals(after.first()));
  }

  /**
   * Networks in the usual spelling.
   *
   * @throws IllegalArgumentException for a text that is none
   */
  public static AddressSet of(String... networks) {
    return of(
        Arrays.stream(networks)
            .map(n -> Span.parse(n).orElseThrow(() -> new IllegalArgumentException(n)))
            .toList());
  }

  public List<Span> spans() {
    return spans;
  }

  public boolean isEmpty() {
    return spans.isEmpty();
  }

  public AddressSet union(AddressSet other) {
    if (isEmpty() || other.isEmpty()) {
      return isEmpty() ? other : this;
    }
    List<Span> all = new ArrayList<>(spans);
    all.addAll(other.spans);
    return of(all);
  }

  public AddressSet intersect(AddressSet other) {
    List<Span> common = new ArrayList<>();
    int a = 0;
    int b = 0;
    while (a < spans.size() && b < other.spans.size()) {
      Span x = spans.get(a);
      Span y = other.spans.get(b);
      Address first = x.first().compareTo(y.first()) > 0 ? x.first() : y.first();
      boolean xEndsFirst = x.last().compareTo(y.last()) < 0;
      Address last = xEndsFirst ? x.last() : y.last();
      if (first.compareTo(last) <= 0) {
        common.add(new Span(first, last));
      }
      if (xEndsFirst) {
        a++;
      } else {
        b++;
      }
    }
    return common.isEmpty() ? NONE : new AddressSet(List.copyOf(common));
  }

  public AddressSet complement() {
    List<Span> gaps = new ArrayList<>();
    for (Span family : List.of(Span.IPV4, Span.IPV6)) {
      Address from = family.first();
      boolean ended = false;
      for (Span span : spans) {
        if (span.first().ipv6() != from.ipv6()) {
          continue;
        }
        if (from.compareTo(span.first()) < 0) {
          gaps.add(new Span(from, span.first().previous()));
        }
        ended = span.last().equals(family.last());
        if (!ended) {
          from = span.last().next();
        }
      }
      if (!ended) {
        gaps.add(new Span(from, family.last()));
      }
    }
    return gaps.isEmpty() ? NONE : new AddressSet(List.copyOf(gaps));
  }

  public AddressSet minus(AddressSet other) {
    return isEmpty() || other.isEmpty() ? this : intersect(other.complement());
  }

  public boolean contains(Address address) {
    int low = 0;
    int high = spans.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Span span = spans.get(middle);
      if (span.contains(address)) {
        return true;
      }
      if (span.first().compareTo(address) > 0) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return false;
  }

  /** Whether no IPv4 address is missing. */
  public boolean isAllOfIpv4() {
    return !spans.isEmpty() && spans.getFirst().equals(Span.IPV4);
  }

  public boolean containsAll(AddressSet other) {
    return other.minus(this).isEmpty();
  }

  /** How many addresses of one family it holds. */
  public BigInteger count(boolean ipv6) {
    BigInteger count = BigInteger.ZERO;
    for (Span span : spans) {
      if (span.first().ipv6() == ipv6) {
        count = count.add(span.last().number().subtract(span.first().number()).add(BigInteger.ONE));
      }
    }
    return count;
  }

  /** The same as networks, as few as that takes, in order. */
  public List<Cidr> cidrs() {
    List<Cidr> networks = new ArrayList<>();
    for (Span span : spans) {
      int bits = span.first().ipv6() ? 128 : 32;
      BigInteger from = span.first().number();
      BigInteger last = span.last().number();
      while (from.compareTo(last) <= 0) {
        int free = from.signum() == 0 ? bits : from.getLowestSetBit();
        int room = last.subtract(from).add(BigInteger.ONE).bitLength() - 1;
        int size = Math.min(free, room);
        networks.add(Address.of(from, bits == 128).cidr(bits - size));
        from = from.add(BigInteger.ONE.shiftLeft(size));
      }
    }
    return networks;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressSet set && spans.equals(set.spans);
  }

  @Override
  public int hashCode() {
    return spans.hashCode();
  }

  @Override
  public String toString() {
    return cidrs().toString();
  }
}
