package io.postern.enforcement.exposure;

import io.postern.enforcement.exposure.FirstMatch.Piece;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Who gets through one or more layers, and by which rules.
 *
 * @param pieces ordered, without overlap, each with the rules in the order in which traffic meets
 *     them
 * @param names sources that rules name and whose addresses are not known, such as service tags
 */
public record Passage(
    List<Piece<List<DecidingRule>>> pieces, Map<String, List<DecidingRule>> names) {
  /** Nobody. */
  public static final Passage NOBODY = new Passage(List.of(), Map.of());

  public Passage {
    pieces = List.copyOf(pieces);
    names = Map.copyOf(names);
  }

  /** A layer that filters nothing. */
  public static Passage everybody(DecidingRule why) {
    return of(AddressSet.ALL, List.of(why));
  }

  public static Passage of(AddressSet sources, List<DecidingRule> rules) {
    return new Passage(sources.spans().stream().map(s -> new Piece<>(s, rules)).toList(), Map.of());
  }

  /**
   * A layer in which the first rule that matches decides.
   *
   * @param entries each with the rule that lets its sources through; empty for one that denies them
   * @param names likewise for sources whose addresses are not known
   */
  public static Passage decided(
      List<FirstMatch.Entry<Optional<DecidingRule>>> entries,
      Map<String, List<DecidingRule>> names) {
    List<Piece<List<DecidingRule>>> passing = new ArrayList<>();
    Map<DecidingRule, List<DecidingRule>> lists = new LinkedHashMap<>();
    for (Piece<Optional<DecidingRule>> piece : FirstMatch.decide(entries)) {
      if (piece.rule().isPresent()) {
        passing.add(
            new Piece<>(piece.span(), lists.computeIfAbsent(piece.rule().get(), r -> List.of(r))));
      }
    }
    return new Passage(passing, names);
  }

  public boolean isEmpty() {
    return pieces.isEmpty() && names.isEmpty();
  }

  public AddressSet sources() {
    return AddressSet.of(pieces.stream().map(Piece::span).toList());
  }

  /** Who gets through this layer and then through the next one. */
  public Passage then(Passage next) {
    List<Piece<List<DecidingRule>>> both = new ArrayList<>();
    int a = 0;
    int b = 0;
    while (a < pieces.size() && b < next.pieces.size()) {
      Piece<List<DecidingRule>> x = pieces.get(a);
      Piece<List<DecidingRule>> y = next.pieces.get(b);
      Address first = later(x.span().first(), y.span().first());
      boolean xEndsFirst = x.span().last().compareTo(y.span().last()) < 0;
      Address last = xEndsFirst ? x.span().last() : y.span().last();
      if (first.compareTo(last) <= 0) {
        both.add(new Piece<>(new Span(first, last), joined(x.rule(), y.rule())));
      }
      if (xEndsFirst) {
        a++;
      } else {
        b++;
      }
    }
    Map<String, List<DecidingRule>> named = new LinkedHashMap<>();
    names.forEach(
        (n, rules) -> next.rulesFor(n).ifPresent(more -> named.put(n, joined(rules, more))));
    next.names.forEach(
        (n, more) -> rulesFor(n).ifPresent(r -> named.putIfAbsent(n, joined(r, more))));
    return new Passage(both, named);
  }

  /** The rules for a name: those that say it, or those that let everybody in. */
  private Optional<List<DecidingRule>> rulesFor(String name) {
    List<DecidingRule> said = names.get(name);
    if (said != null) {
      return Optional.of(said);
    }
    return sources().isAllOfIpv4() ? Optional.of(pieces.getFirst().rule()) : Optional.empty();
  }

  /** Only these sources; names stay. */
  public Passage only(AddressSet sources) {
    Passage filtered = then(of(sources, List.of()));
    return new Passage(filtered.pieces, names);
  }

  /** Without what is known by name only. */
  public Passage withoutNames() {
    return new Passage(pieces, Map.of());
  }

  /** The same with other rules named. */
  public Passage renamed(UnaryOperator<List<DecidingRule>> rules) {
    return new Passage(
        pieces.stream().map(p -> new Piece<>(p.span(), rules.apply(p.rule()))).toList(), names);
  }

  /** Whoever comes by any of these ways; where several do, one that needs no grant is named. */
  public static Passage anyOf(List<Passage> ways) {
    if (ways.size() == 1) {
      return ways.getFirst();
    }
    List<FirstMatch.Entry<List<DecidingRule>>> open = new ArrayList<>();
    List<FirstMatch.Entry<List<DecidingRule>>> granted = new ArrayList<>();
    Map<String, List<DecidingRule>> names = new LinkedHashMap<>();
    for (Passage way : ways) {
      way.names.forEach(names::putIfAbsent);
      way.byRules()
          .forEach(
              (rules, sources) ->
                  (isGranted(rules) ? granted : open).add(new FirstMatch.Entry<>(sources, rules)));
    }
    open.addAll(granted);
    return new Passage(FirstMatch.decide(open), names);
  }

  static boolean isGranted(List<DecidingRule> rules) {
    return rules.stream().anyMatch(r -> !r.grants().isEmpty());
  }

  /** Sources that come in by the same rules, together. */
  Map<List<DecidingRule>, AddressSet> byRules() {
    Map<List<DecidingRule>, List<Span>> spans = new LinkedHashMap<>();
    pieces.forEach(p -> spans.computeIfAbsent(p.rule(), r -> new ArrayList<>()).add(p.span()));
    Map<List<DecidingRule>, AddressSet> sets = new LinkedHashMap<>();
    spans.forEach((rules, s) -> sets.put(rules, AddressSet.of(s)));
    return sets;
  }

  /** Who gets in, for people and for the log. */
  public List<Exposed> exposed() {
    Function<List<DecidingRule>, List<String>> named =
        rules ->
            names.entrySet().stream()
                .filter(e -> e.getValue().equals(rules))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    List<Exposed> exposed = new ArrayList<>();
    Map<List<DecidingRule>, AddressSet> sets = byRules();
    sets.forEach((rules, set) -> exposed.add(new Exposed(set, named.apply(rules), rules)));
    names.values().stream()
        .distinct()
        .filter(rules -> !sets.containsKey(rules))
        .forEach(rules -> exposed.add(new Exposed(AddressSet.NONE, named.apply(rules), rules)));
    return exposed;
  }

  private static Address later(Address a, Address b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private static List<DecidingRule> joined(List<DecidingRule> a, List<DecidingRule> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    List<DecidingRule> both = new ArrayList<>(a);
    both.addAll(b);
    return List.copyOf(both);
  }
}
