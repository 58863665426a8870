package io.postern.azure.exposure;

import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the prefixes and tags of a rule stand for, seen from one virtual network.
 *
 * @param names tags whose addresses are not known here
 */
record Sources(AddressSet addresses, List<String> names) {
  /** What Azure calls private. */
  static final AddressSet PRIVATE =
      AddressSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

  private static final AddressSet LOAD_BALANCER = AddressSet.of("168.63.129.16");
  private static final AddressSet LOCAL = PRIVATE.union(LOAD_BALANCER);

  static Sources of(List<String> texts, AddressSet spaces) {
    List<Span> spans = new ArrayList<>();
    List<String> names = new ArrayList<>();
    AddressSet tagged = AddressSet.NONE;
    for (String text : texts) {
      Optional<Span> span = Span.parse(text);
      Optional<AddressSet> tag = span.isPresent() ? Optional.empty() : tag(text, spaces);
      span.ifPresent(spans::add);
      if (tag.isPresent()) {
        tagged = tagged.union(tag.get());
      } else if (span.isEmpty()) {
        names.add(text);
      }
    }
    return new Sources(AddressSet.of(spans).union(tagged), names);
  }

  private static Optional<AddressSet> tag(String text, AddressSet spaces) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "*", "any" -> Optional.of(AddressSet.ALL);
      case "virtualnetwork" -> Optional.of(spaces);
      case "azureloadbalancer" -> Optional.of(LOAD_BALANCER);
      case "internet" -> Optional.of(spaces.union(LOCAL).complement());
      default -> Optional.empty();
    };
  }
}
