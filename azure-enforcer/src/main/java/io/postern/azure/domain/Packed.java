package io.postern.azure.domain;

import io.postern.model.Cidr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A group in which grants of the same ports share their rule, as far as they can, and what that
 * takes: each shared rule stands at the first place of those that it replaces, so that no rule of
 * somebody else's comes to lie behind it that lay before one of them.
 */
final class Packed {
  private final ObservedNsg group;
  private final Map<String, NsgRule> really = new HashMap<>();
  private final Map<String, List<String>> replaced = new HashMap<>();

  private Packed(ObservedNsg really, ObservedNsg group) {
    really.rules().forEach(r -> this.really.put(r.key(), r));
    this.group = group;
  }

  /** The group as it is. */
  static Packed not(ObservedNsg observed) {
    return new Packed(observed, observed);
  }

  /**
   * @param groups grants that can share a rule
   */
  static Packed of(
      ObservedNsg observed, Iterable<List<Wanted>> groups, List<NsgRule> foreign, Ownership own) {
    Packed asIs = not(observed);
    List<NsgRule> made = new ArrayList<>();
    Map<String, List<String>> replaced = new HashMap<>();
    Set<String> gone = new HashSet<>();
    for (List<Wanted> members : groups) {
      asIs.share(members, foreign, own)
          .ifPresent(
              share -> {
                made.add(share.rule());
                replaced.put(share.rule().key(), share.replaces());
                gone.add(share.rule().key());
                share.replaces().forEach(name -> gone.add(NsgRule.key(name)));
              });
    }
    List<NsgRule> rules =
        Stream.concat(observed.rules().stream().filter(r -> !gone.contains(r.key())), made.stream())
            .toList();
    Packed packed =
        new Packed(
            observed,
            new ObservedNsg(observed.exists(), observed.etag(), rules, observed.flushes()));
    packed.replaced.putAll(replaced);
    return packed;
  }

  private record Share(NsgRule rule, List<String> replaces) {}

  private Optional<Share> share(List<Wanted> members, List<NsgRule> foreign, Ownership ownership) {
    Optional<NsgRule> stands = pack(members, ownership).filter(NsgRule::inbound);
    OptionalInt place = stands.stream().mapToInt(NsgRule::priority).findFirst();
    List<Wanted> movable = members.stream().filter(w -> isMovable(w, place, foreign)).toList();
    long fresh = members.stream().filter(w -> standing(w).isEmpty()).count();
    if (movable.isEmpty() || members.size() < 2 || movable.size() + fresh < 2) {
      return Optional.empty();
    }
    List<Cidr> named = stands.map(Pack::networks).orElse(List.of());
    List<Wanted> held =
        members.stream().filter(w -> standing(w).isEmpty() && Pack.holds(named, w)).toList();
    int at =
        place.orElseGet(
            () ->
                movable.stream()
                    .mapToInt(w -> standing(w).orElseThrow().priority())
                    .min()
                    .orElseThrow());
    NsgRule rule =
        Pack.rule(Stream.concat(held.stream(), movable.stream()).toList(), ownership).at(at);
    return Optional.of(
        new Share(rule, movable.stream().map(w -> standing(w).orElseThrow().name()).toList()));
  }

  private Optional<NsgRule> standing(Wanted wanted) {
    return Optional.ofNullable(really.get(wanted.rule().key()));
  }

  private Optional<NsgRule> pack(List<Wanted> members, Ownership ownership) {
    String name = ownership.packName(Pack.Key.of(members.getFirst()));
    return Optional.ofNullable(really.get(NsgRule.key(name)));
  }

  /** Whether a rule stands as it should, and could lie at the place without passing a denial. */
  private boolean isMovable(Wanted wanted, OptionalInt place, List<NsgRule> foreign) {
    Optional<NsgRule> stands = standing(wanted);
    if (stands.isEmpty() || !stands.get().isRight(wanted.rule())) {
      return false;
    }
    int last = Math.max(stands.get().priority(), place.orElse(0));
    return foreign.stream()
        .filter(r -> !r.allows() && r.priority() < last)
        .noneMatch(wanted.traffic()::mayMeet);
  }

  /** The group as it would be. */
  ObservedNsg group() {
    return group;
  }

  /** The rule of this name as it really stands. */
  Optional<NsgRule> really(NsgRule rule) {
    return Optional.ofNullable(really.get(rule.key()));
  }

  /** Whether the rule is one that several would share from now on. */
  boolean isMade(NsgRule rule) {
    return replaced.containsKey(rule.key());
  }

  /** Names of the rules that go when this one is written. */
  List<String> replacedBy(NsgRule rule) {
    return replaced.getOrDefault(rule.key(), List.of());
  }
}
