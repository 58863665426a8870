package io.postern.request.defender;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.model.FieldReader;
import io.postern.model.InvalidValueException;
import io.postern.model.PortRange;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fields that a policy and a request have in common, as Azure spells them. */
final class ArmFields {
  private static final String ONE = "allowedSourceAddressPrefix";
  private static final String SEVERAL = "allowedSourceAddressPrefixes";

  private ArmFields() {}

  /** A source as it was given, and where. */
  record Prefix(String path, String text) {}

  /** Sources given either way; empty when there are none. */
  static List<Prefix> prefixes(FieldReader in, JsonNode node, String path) {
    if (node.hasNonNull(ONE) && node.hasNonNull(SEVERAL)) {
      in.error(path + "." + SEVERAL, "must not be given beside " + ONE, node.path(SEVERAL));
    }
    if (node.hasNonNull(ONE)) {
      return List.of(new Prefix(path + "." + ONE, node.path(ONE).asText()));
    }
    if (!node.hasNonNull(SEVERAL)) {
      return List.of();
    }
    List<Prefix> all = new ArrayList<>();
    in.list(
        node,
        SEVERAL,
        path + ".",
        (each, at) -> Optional.of(all.add(new Prefix(at, each.asText()))));
    return all;
  }

  /**
   * A single port.
   *
   * @throws InvalidValueException when it is none
   */
  static PortRange port(String text) {
    PortRange range = PortRange.parse(text);
    if (range.from() != range.to()) {
      throw new InvalidValueException("must be one port", text);
    }
    return range;
  }

  /** As Azure spells it. */
  static String text(Protocol protocol) {
    return protocol == Protocol.ANY ? "*" : protocol.name();
  }
}
