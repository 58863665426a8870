package io.postern.enforcement.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.exposure.FirstMatch.Entry;
import io.postern.enforcement.exposure.FirstMatch.Piece;
import io.postern.model.Cidr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The algebra of addresses, held against looking at one address after the other. */
class AddressSetPropertyTest {
  private static final int CASES = 3_000;

  private final long seed = Long.getLong("postern.seed", System.nanoTime());

  private final Random random = new Random(seed);

  /** Addresses around the ends of both families, and where IPv6's halves meet. */
  private static final List<Address> PLACES = places();

  private static List<Address> places() {
    List<Address> places = new ArrayList<>();
    for (Address base :
        List.of(
            Address.FIRST_IPV4,
            new Address(false, 0, 0x0a00_0000L),
            new Address(false, 0, 0xffff_fff0L),
            Address.FIRST_IPV6,
            new Address(true, 7, 0xffff_ffff_ffff_fff0L),
            new Address(true, -1, 0xffff_ffff_ffff_fff0L))) {
      Address a = base;
      for (int i = 0; i < 16; i++) {
        places.add(a);
        a = a.next();
      }
    }
    return places;
  }

  private Span span() {
    while (true) {
      Address a = PLACES.get(random.nextInt(PLACES.size()));
      Address b = PLACES.get(random.nextInt(PLACES.size()));
      if (a.ipv6() == b.ipv6() && a.compareTo(b) <= 0) {
        return new Span(a, b);
      }
    }
  }

  private List<Span> spans() {
    return IntStream.range(0, random.nextInt(6)).mapToObj(i -> span()).toList();
  }

  private static boolean isIn(List<Span> spans, Address address) {
    return spans.stream().anyMatch(s -> s.contains(address));
  }

  @Test
  void setsHoldWhatTheirSpansHold() {
    for (int i = 0; i < CASES; i++) {
      List<Span> x = spans();
      List<Span> y = spans();
      AddressSet a = AddressSet.of(x);
      AddressSet b = AddressSet.of(y);
      for (Address at : PLACES) {
        boolean inX = isIn(x, at);
        boolean inY = isIn(y, at);
        assertThat(a.contains(at)).as("seed %d, %s", seed, at).isEqualTo(inX);
        assertThat(a.union(b).contains(at)).as("seed %d, %s", seed, at).isEqualTo(inX || inY);
        assertThat(a.intersect(b).contains(at)).as("seed %d, %s", seed, at).isEqualTo(inX && inY);
        assertThat(a.minus(b).contains(at)).as("seed %d, %s", seed, at).isEqualTo(inX && !inY);
        assertThat(a.complement().contains(at)).as("seed %d, %s", seed, at).isEqualTo(!inX);
      }
      assertThat(a.complement().complement()).as("seed %d", seed).isEqualTo(a);
    }
  }

  @Test
  void networksAreTheSameSetAgain() {
    for (int i = 0; i < CASES / 10; i++) {
      AddressSet set = AddressSet.of(spans());
      List<Cidr> networks = set.cidrs();
      assertThat(AddressSet.of(networks.stream().map(Cidr::toString).toArray(String[]::new)))
          .as("seed %d", seed)
          .isEqualTo(set);
      assertThat(networks).as("seed %d", seed).isSorted();
    }
  }

  @Test
  void theFirstEntryThatNamesAnAddressDecides() {
    for (int i = 0; i < CASES; i++) {
      List<Entry<Integer>> entries =
          IntStream.range(0, random.nextInt(9))
              .mapToObj(rank -> new Entry<>(AddressSet.of(spans()), rank))
              .toList();
      List<Piece<Integer>> pieces = FirstMatch.decide(entries);
      for (Address at : PLACES) {
        Optional<Integer> first =
            entries.stream().filter(e -> e.sources().contains(at)).map(Entry::rule).findFirst();
        List<Integer> found =
            pieces.stream().filter(p -> p.span().contains(at)).map(Piece::rule).toList();
        assertThat(found).as("seed %d, %s", seed, at).isEqualTo(first.stream().toList());
      }
    }
  }

  @Test
  void passagesOneBehindTheOtherLetThroughWhatBothDo() {
    for (int i = 0; i < CASES / 3; i++) {
      Passage first = passage("first");
      Passage second = passage("second");
      Passage both = first.then(second);
      Passage either = Passage.anyOf(List.of(first, second));
      for (Address at : PLACES) {
        Set<String> rules = new HashSet<>(rules(first, at));
        boolean passes = !rules.isEmpty() && !rules(second, at).isEmpty();
        rules.addAll(rules(second, at));
        assertThat(Set.copyOf(rules(both, at)))
            .as("seed %d, %s", seed, at)
            .isEqualTo(passes ? rules : Set.of());
        assertThat(rules(either, at).isEmpty()).as("seed %d", seed).isEqualTo(rules.isEmpty());
      }
    }
  }

  private Passage passage(String ruleSet) {
    List<Entry<Optional<DecidingRule>>> entries = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      entries.add(
          new Entry<>(
              AddressSet.of(spans()),
              random.nextBoolean()
                  ? Optional.of(DecidingRule.foreign(ruleSet, "rule-" + i))
                  : Optional.empty()));
    }
    return Passage.decided(entries, java.util.Map.of());
  }

  private static List<String> rules(Passage passage, Address at) {
    return passage.pieces().stream()
        .filter(p -> p.span().contains(at))
        .flatMap(p -> p.rule().stream())
        .map(DecidingRule::toString)
        .toList();
  }

  @Test
  void readsWhatIsWrittenLeniently() {
    assertThat(Span.parse("10.1.2.3/8").map(s -> AddressSet.of(List.of(s)).toString()))
        .contains("[10.0.0.0/8]");
    assertThat(Span.parse("2001:db8::1/64").map(s -> AddressSet.of(List.of(s)).toString()))
        .contains("[2001:db8::/64]");
    assertThat(Span.parse("0.0.0.0/0")).contains(Span.IPV4);
    assertThat(Span.parse("::/0")).contains(Span.IPV6);
    for (String none :
        List.of(
            "",
            "VirtualNetwork",
            "10.0.0",
            "10.0.0.0/33",
            "256.1.1.1",
            "1.2.3.4/",
            "1.02.3.4",
            "::/129",
            "1.2.3.4.5",
            "10.0.0.0/-1")) {
      assertThat(Span.parse(none)).as(none).isEmpty();
    }
  }
}
