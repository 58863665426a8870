package io.postern.enforcement.exposure;

import io.postern.model.PortSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Who can reach ports of a machine, all layers considered.
 *
 * @param ports all of them are reached by the same sources
 * @param managed whether a policy names them
 * @param reachableFrom empty for nobody
 */
public record PortExposure(PortSpec ports, boolean managed, List<Exposed> reachableFrom) {
  public PortExposure {
    reachableFrom = List.copyOf(reachableFrom);
  }

  /** How far it is open beyond what grants allow. */
  public Width width() {
    List<Span> spans = new ArrayList<>();
    boolean named = false;
    for (Exposed e : reachableFrom) {
      if (e.grants().isEmpty()) {
        spans.addAll(e.sources().spans());
        named |= !e.names().isEmpty();
      }
    }
    return Width.of(AddressSet.of(spans), named);
  }

  /** The widest of those that come in without a grant. */
  List<Exposed> ungranted() {
    return reachableFrom.stream().filter(e -> e.grants().isEmpty()).toList();
  }
}
